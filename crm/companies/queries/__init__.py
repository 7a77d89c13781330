"""Reading companies; nothing here changes anything."""

from crm.companies.queries.matching import (
    NameMatch,
    exclusions,
    find_matches,
    name_condition,
    typeahead,
)
from crm.companies.queries.reading import (
    Group,
    Owner,
    company_by_name,
    get_by_ref,
    get_company,
    get_contact,
    group_honours,
    group_of,
    load_detail,
    node_names,
    owned_ids,
    owner_of,
    owners,
    subtree_ids,
)

__all__ = [
    "Group",
    "NameMatch",
    "Owner",
    "company_by_name",
    "exclusions",
    "find_matches",
    "get_by_ref",
    "get_company",
    "get_contact",
    "group_honours",
    "group_of",
    "load_detail",
    "name_condition",
    "node_names",
    "owned_ids",
    "owner_of",
    "owners",
    "subtree_ids",
    "typeahead",
]
