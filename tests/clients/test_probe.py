import json
def test_probe(tells):
    told = tells("openid-client.mjs")
    for name, line in told.steps.items():
        print(name, "=>", json.dumps(line.get("told", line.get("error")))[:700])
    print(told.errors)
