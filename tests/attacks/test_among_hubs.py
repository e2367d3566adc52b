"""What takes two or three hubs, tried where they listen: the same as in `tests/federation`, over sockets.

The fixture `neighbourhood` of this folder is of hubs that listen; there it is of applications in one
process. What is tried is written down once.
"""

from tests.federation.test_attacks_of_machines import (
    test_a_stranger_is_never_fetched as test_a_stranger_is_never_fetched,
)
from tests.federation.test_attacks_of_machines import (
    test_a_token_is_for_this_hub_alone as test_a_token_is_for_this_hub_alone,
)
from tests.federation.test_attacks_of_machines import (
    test_each_is_believed_once_also_where_all_come_together as test_each_is_believed_once_also_where_all_come_together,
)
from tests.federation.test_attacks_of_machines import (
    test_invented_keys_make_nobody_fetch_more_than_twice as test_invented_keys_make_nobody_fetch_more_than_twice,
)
from tests.federation.test_attacks_of_machines import (
    test_keys_that_an_assertion_brings_or_makes_up_are_no_keys as test_keys_that_an_assertion_brings_or_makes_up_are_no_keys,
)
from tests.federation.test_attacks_of_machines import (
    test_no_hub_asks_as_another as test_no_hub_asks_as_another,
)
from tests.federation.test_attacks_of_machines import (
    test_what_is_meant_for_another_hub_is_refused as test_what_is_meant_for_another_hub_is_refused,
)
from tests.federation.test_delegated_people import (
    test_a_person_of_another_hub_is_not_passed_on as test_a_person_of_another_hub_is_not_passed_on,
)
from tests.federation.test_delegated_people import (
    test_among_three_hubs_each_speaks_for_its_own as test_among_three_hubs_each_speaks_for_its_own,
)
from tests.federation.test_delegated_people import (
    test_the_end_of_the_peering_ends_a_token_at_its_next_use as test_the_end_of_the_peering_ends_a_token_at_its_next_use,
)
from tests.federation.test_vouching import (
    test_it_is_used_once_also_by_many_at_once as test_it_is_used_once_also_by_many_at_once,
)
from tests.federation.test_vouching import (
    test_names_of_keys_that_nobody_has_fetch_them_once as test_names_of_keys_that_nobody_has_fetch_them_once,
)
from tests.federation.test_vouching import (
    test_only_a_key_with_which_the_hub_vouches_for_people_signs_it as test_only_a_key_with_which_the_hub_vouches_for_people_signs_it,
)
from tests.federation.test_vouching import (
    test_what_it_says_is_for_this_hub_now_and_of_its_own as test_what_it_says_is_for_this_hub_now_and_of_its_own,
)
from tests.federation.test_vouching import (
    test_without_the_key_by_which_the_hub_asks_it_is_worth_nothing as test_without_the_key_by_which_the_hub_asks_it_is_worth_nothing,
)
from tests.federation.test_vouching import town as town
