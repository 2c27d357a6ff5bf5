"""How people get an account: the Family Information Service makes it. Nobody signs up alone."""

from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in without sign-up."""

    def is_open_for_signup(self, request) -> bool:
        """Never: an account comes with a membership, and both are given by somebody."""
        return False
