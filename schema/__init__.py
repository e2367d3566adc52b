"""The GraphQL contract: types, fields, arguments, the words that explain them, and what each needs."""
