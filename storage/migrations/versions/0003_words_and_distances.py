"""Searching by words in many languages, and distances, in SQL functions of our own.

No extension is needed: not for accents (`unaccent`), and not for positions (PostGIS).
How a row's `search` column is put together is in `storage/searching.py`.
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# Small letters without accents, so that "reunion" finds "reunión", and "strasse" "Straße".
# The collation is named, so that every server folds alike whatever its own locale is.
FOLD = """
create function convoke_fold(words text) returns text
language sql immutable strict parallel safe
return normalize(
  regexp_replace(
    replace(replace(replace(replace(
      translate(lower(normalize(words, NFKD) collate convoke_text), 'øłđðħıς', 'olddhi\u03c3'),
      'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'),
    -- combining marks; Arabic vowel signs, superscript alef and the stretching tatweel
    '[\\u0300-\\u036f\\u064b-\\u065f\\u0670\\u0640]' collate convoke_text, '', 'g'),
  NFC)
"""

# Signs part words and mean nothing else: the parser would make addresses and numbers of them.
WORDS = """
create function convoke_words(words text) returns text
language sql immutable strict parallel safe
return regexp_replace(
  convoke_fold(words), '[[:punct:][:cntrl:]]+' collate convoke_text, ' ', 'g')
"""

# How a language's words are cut to their stems; null where PostgreSQL does not know the language.
STEMMER = """
create function convoke_stemmer(language text) returns regconfig
language sql immutable strict parallel safe
return case split_part(lower(language), '-', 1)
  when 'ar' then 'arabic' when 'ca' then 'catalan' when 'da' then 'danish'
  when 'de' then 'german' when 'el' then 'greek' when 'en' then 'english'
  when 'es' then 'spanish' when 'eu' then 'basque' when 'fi' then 'finnish'
  when 'fr' then 'french' when 'ga' then 'irish' when 'hi' then 'hindi'
  when 'hu' then 'hungarian' when 'hy' then 'armenian' when 'id' then 'indonesian'
  when 'it' then 'italian' when 'lt' then 'lithuanian' when 'nb' then 'norwegian'
  when 'ne' then 'nepali' when 'nl' then 'dutch' when 'nn' then 'norwegian'
  when 'no' then 'norwegian' when 'pt' then 'portuguese' when 'ro' then 'romanian'
  when 'ru' then 'russian' when 'sr' then 'serbian' when 'sv' then 'swedish'
  when 'ta' then 'tamil' when 'tr' then 'turkish' when 'yi' then 'yiddish'
end::regconfig
"""

# Each word as it stands and, where its language is known, its stem. The language itself is in the
# document too, as '@english' (no word holds a sign), so that a query may ask for stems in one
# language alone: "war" and "die" are no words to German, and much to the others.
DOCUMENT = """
create function convoke_document(
  language text, title text, summary text, body text, extra text) returns tsvector
language sql immutable parallel safe
return convoke_weighted('simple', title, summary, body, extra)
  || case when convoke_stemmer(language) is null then ''::tsvector
     else convoke_weighted(convoke_stemmer(language), title, summary, body, extra)
       || array_to_tsvector(array['@' || convoke_stemmer(language)::text])
     end
"""
WEIGHTED = """
create function convoke_weighted(
  configuration regconfig, title text, summary text, body text, extra text) returns tsvector
language sql immutable parallel safe
return setweight(to_tsvector(configuration, coalesce(convoke_words(title), '')), 'A')
  || setweight(to_tsvector(configuration, coalesce(convoke_words(summary), '')), 'B')
  || setweight(to_tsvector(configuration, coalesce(convoke_words(body), '')), 'C')
  || setweight(to_tsvector(configuration, coalesce(convoke_words(extra), '')), 'D')
"""

# What people type into a search box: words that must all be there, "phrases", or, and -not.
# Every language's stems are tried, each on documents in that language. A word that is excluded is
# excluded in all of them. At most 300 characters and 20 words count; where nothing is left to look
# for (empty, signs only, or only words to exclude) nothing is found.
QUERY = """
create function convoke_query(words text) returns tsquery
language plpgsql immutable strict parallel safe as $$
declare
  stemmers constant regconfig[] := array['arabic', 'armenian', 'basque', 'catalan', 'danish',
    'dutch', 'english', 'finnish', 'french', 'german', 'greek', 'hindi', 'hungarian',
    'indonesian', 'irish', 'italian', 'lithuanian', 'nepali', 'norwegian', 'portuguese',
    'romanian', 'russian', 'serbian', 'spanish', 'swedish', 'tamil', 'turkish', 'yiddish'];
  said constant text := translate(convoke_fold(left(words, 300)), '“”„«»', '\"\"\"\"\"');
  term text;
  wanted text[] := '{}';
  unwanted text[] := '{}';
  found tsquery := '';
begin
  for term in select m[1] from regexp_matches(
      said, '(-?"[^"]*(?:"|$)|[^\\s"]+)', 'g') with ordinality as terms(m, n) order by n limit 20
  loop
    if term = 'or' then
      found := found || convoke_alternative(stemmers, wanted, unwanted);
      wanted := '{}';
      unwanted := '{}';
    elsif convoke_words(term) ~ '\\S' then
      if term like '-%' then
        unwanted := unwanted || convoke_words(term);
      else
        wanted := wanted || convoke_words(term);
      end if;
    end if;
  end loop;
  return found || convoke_alternative(stemmers, wanted, unwanted);
end $$
"""
ALTERNATIVE = """
create function convoke_alternative(stemmers regconfig[], wanted text[], unwanted text[])
returns tsquery
language plpgsql immutable strict parallel safe as $$
declare
  said constant tsquery := convoke_together('simple', wanted);
  found tsquery := said;
  excluded tsquery := '';
  stemmer regconfig;
  term text;
  stems tsquery;
begin
  if numnode(said) = 0 then
    return said;
  end if;
  foreach term in array unwanted loop
    excluded := excluded || phraseto_tsquery('simple', term);
  end loop;
  foreach stemmer in array stemmers loop
    -- Stems that are the words themselves find nothing more than the words do.
    stems := convoke_together(stemmer, wanted);
    if numnode(stems) > 0 and stems <> said then
      found := found || (stems && convoke_language(stemmer));
    end if;
    foreach term in array unwanted loop
      stems := phraseto_tsquery(stemmer, term);
      if numnode(stems) > 0 and stems <> phraseto_tsquery('simple', term) then
        excluded := excluded || (stems && convoke_language(stemmer));
      end if;
    end loop;
  end loop;
  return case when numnode(excluded) > 0 then found && !!excluded else found end;
end $$
"""
TOGETHER = """
create function convoke_together(configuration regconfig, terms text[]) returns tsquery
language plpgsql immutable strict parallel safe as $$
declare
  term text;
  together tsquery := '';
begin
  foreach term in array terms loop
    together := together && phraseto_tsquery(configuration, term);
  end loop;
  return together;
end $$
"""
LANGUAGE = """
create function convoke_language(stemmer regconfig) returns tsquery
language sql immutable strict parallel safe
return quote_literal('@' || stemmer::text)::tsquery
"""

# The twin of `domain.geo.distance_km`: kilometres along a sphere, by the haversine formula.
# Adding a thousand and taking it off again leaves a hundredth of a micrometre, and no number so
# small that PostgreSQL refuses to square it.
DISTANCE = """
create function convoke_distance_km(
  latitude double precision, longitude double precision,
  other_latitude double precision, other_longitude double precision) returns double precision
language sql immutable strict parallel safe
begin atomic
  select 2 * 6371.0088 * asin(sqrt(least(1.0,
    sin((b - a) / 2) ^ 2 + cos(a) * cos(b) * sin(across / 2) ^ 2)))
  from (select
    radians(latitude + 1000 - 1000) as a,
    radians(other_latitude + 1000 - 1000) as b,
    radians((other_longitude + 1000) - (longitude + 1000)) as across) as angles;
end
"""

DOCUMENTS = (FOLD, WORDS, STEMMER, WEIGHTED, DOCUMENT)
QUERIES = (LANGUAGE, TOGETHER, ALTERNATIVE, QUERY)
IN_ORDER = (*DOCUMENTS, *QUERIES, DISTANCE)


# Small letters and marks mean the same whatever the database was made with. The builtin provider
# came with PostgreSQL 17; before it, ICU knows them.
BUILTIN = "create collation convoke_text (provider = builtin, locale = 'C.UTF-8')"
ICU = "create collation convoke_text (provider = icu, locale = 'und')"
FIRST_WITH_BUILTIN = (17,)


def upgrade() -> None:
    server = op.get_bind().dialect.server_version_info or ()
    op.execute(BUILTIN if server >= FIRST_WITH_BUILTIN else ICU)
    for function in IN_ORDER:
        op.execute(function)


def downgrade() -> None:
    for function in reversed(IN_ORDER):
        name = function.split("(")[0].split()[-1]
        op.execute(f"drop function {name}")
    op.execute("drop collation convoke_text")
