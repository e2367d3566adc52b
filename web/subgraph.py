"""The mount for gateways: the endpoint once more, with `_service` and `_entities`.

Who asks is the person or the app whose token the gateway passes on; a gateway is nobody of its own
here, and may do nothing by itself (docs/supergraph.md). So it is the same endpoint in all that it
allows and refuses, and what is asked on one mount waits its turn with what is asked on the other.
"""

from starlette.routing import Route

from schema.subgraph import subgraph_schema
from web.graphql import GraphQLEndpoint

SUBGRAPH = "/subgraph"


def subgraph(endpoint: GraphQLEndpoint) -> Route:
    """`endpoint` is the one for everybody."""
    return Route(SUBGRAPH, endpoint.beside(subgraph_schema))
