"""Addresses of signing in and out and of one's own account, under the names by which allauth knows them.

What is not here does not exist: nobody signs up, and allauth's pages for mail addresses have no address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.views import ReauthenticateView as ConfirmPassword
from allauth.mfa.base.views import AuthenticateView as SecondFactor
from allauth.mfa.base.views import ReauthenticateView as ConfirmCode
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView as NewRecoveryCodes
from allauth.mfa.recovery_codes.views import ViewRecoveryCodesView as RecoveryCodes
from allauth.mfa.totp.views import ActivateTOTPView as AddApp
from allauth.mfa.totp.views import DeactivateTOTPView as RemoveApp
from allauth.mfa.webauthn.views import AddWebAuthnView as AddPasskey
from allauth.mfa.webauthn.views import EditWebAuthnView as RenamePasskey
from allauth.mfa.webauthn.views import RemoveWebAuthnView as RemovePasskey
from django.urls import path, reverse_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts.methods import require_http_methods, require_safe
from accounts.parameters import reads
from accounts.views import ConfirmPasskey, OwnPassword, PasskeySignIn, SignIn, SignOut, daily_mail, own_account
from accounts.web import people, series
from accounts.web.first_start import first_start
from accounts.web.invitation import invitation
from accounts.web.password import NewPassword, password_link

if TYPE_CHECKING:
    from typing import Any

# allauth leads who is in elsewhere before it looks at them
KNOWN_METHODS = require_http_methods(["GET", "HEAD", "POST"])
HERE = reverse_lazy("mfa_index")


def own(view: Any, template: str | None = None, *, methods: Any = KNOWN_METHODS, **options: Any) -> Any:
    """Return a page of somebody's own: nothing of it is kept by a cache or told in a report of errors."""
    if template is not None:
        options["template_name"] = f"accounts/{template}.html"
    shown = reads("next")(view.as_view(**options)) if hasattr(view, "as_view") else view
    return never_cache(sensitive_post_parameters()(methods(shown)))


urlpatterns = [
    path("sign-in/", KNOWN_METHODS(reads("next")(SignIn.as_view())), name="account_login"),
    path(
        "sign-out/",
        require_http_methods(SignOut.allowed)(reads("next")(SignOut.as_view())),
        name="account_logout",
    ),
    path("start/", first_start, name="first_start"),
    path("invitations/<str:token>/", invitation, name="invitation"),
    path("new-password/", password_link, name="password_link"),
    path("new-password/<str:uidb64>/<str:token>/", own(NewPassword), name="account_new_password"),
    path("series/begin/", series.begin, name="begin_series"),
    path("series/<slug:series>/settings/", series.settings, name="series_settings"),
    path("people/<slug:series>/", people.people, name="people"),
    path("people/<slug:series>/invite/", people.invite, name="invite"),
    path("people/<slug:series>/invitations/<uuid:uid>/again/", people.invite_again, name="invite_again"),
    path("people/<slug:series>/invitations/<uuid:uid>/withdraw/", people.withdraw, name="withdraw_invitation"),
    path("people/<slug:series>/<int:account>/", people.person, name="person"),
    path("people/<slug:series>/<int:account>/give/", people.give, name="give_role"),
    path("people/<slug:series>/<int:account>/<slug:kind>/change/", people.change, name="change_role"),
    path("people/<slug:series>/<int:account>/<slug:kind>/take/", people.take, name="take_role"),
    path("account/sign-in/code/", own(SecondFactor, "second_factor"), name="mfa_authenticate"),
    path("account/sign-in/passkey/", own(PasskeySignIn), name="mfa_login_webauthn"),
    path("account/", own(own_account), name="mfa_index"),
    path("account/daily-mail/", own(daily_mail, methods=require_http_methods(["POST"])), name="daily_mail"),
    path("account/password/", own(OwnPassword), name="account_change_password"),
    path("account/confirm/", own(ConfirmPassword, "confirm"), name="account_reauthenticate"),
    path("account/confirm/code/", own(ConfirmCode, "confirm"), name="mfa_reauthenticate"),
    path("account/confirm/passkey/", own(ConfirmPasskey, "confirm_passkey"), name="mfa_reauthenticate_webauthn"),
    path("account/app/add/", own(AddApp, "app_add"), name="mfa_activate_totp"),
    path("account/app/remove/", own(RemoveApp, "app_remove"), name="mfa_deactivate_totp"),
    path(
        "account/recovery-codes/",
        own(RecoveryCodes, "recovery_codes", methods=require_safe),
        name="mfa_view_recovery_codes",
    ),
    path(
        "account/recovery-codes/new/", own(NewRecoveryCodes, "recovery_codes_new"), name="mfa_generate_recovery_codes"
    ),
    path("account/passkeys/add/", own(AddPasskey, "passkey_add"), name="mfa_add_webauthn"),
    path(
        "account/passkeys/<int:pk>/name/",
        own(RenamePasskey, "passkey_name", success_url=HERE),
        name="mfa_edit_webauthn",
    ),
    path(
        "account/passkeys/<int:pk>/remove/",
        own(RemovePasskey, "passkey_remove", success_url=HERE),
        name="mfa_remove_webauthn",
    ),
]
