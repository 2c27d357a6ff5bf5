// Tells allauth's passkey functions which button and which box on the page are theirs: our pages hold no scripts of
// their own. Without script the button stays hidden, and a code from an app or a spare code does the same.
const said = document.querySelector("[data-passkey-failed]");
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  if (said) said.hidden = false;
});
for (const button of document.querySelectorAll("[data-passkey]")) {
  const act = button.dataset.passkey;
  const ids = { [act]: button.id, credential: button.dataset.credential, data: "js_data" };
  window.allauth.webauthn.forms[`${act}Form`]({ ids });
  button.hidden = false;
}
