"""What to do where App Runner does not take the account."""

from __future__ import annotations

NOT_A_CUSTOMER = (
    "If this account may do so by its policies, then App Runner does not take it: since 2026-04-30 it takes no "
    "new customers. Use an account that ran App Runner before; `manage.py teardown` removes what is there"
)
CLOSED = dict.fromkeys(  # which of these AWS answers with is not documented
    ("AccessDeniedException", "AccessDenied", "OptInRequired", "SubscriptionRequiredException"), NOT_A_CUSTOMER
)
