// Lets allauth's script ask the device for a passkey once the page's button is pressed, and says so where nothing came of it.

/** @typedef {{ids: Record<string, string>}} Places */
/** @typedef {Record<string, (places: Places) => void>} Forms */

const ids = {
  add: "passkey-button",
  authenticate: "passkey-button",
  login: "passkey-button",
  credential: "passkey-credential",
  passwordless: "id_passwordless",
  data: "passkey-data",
};
/** @type {HTMLElement | null} */
const place = document.querySelector("[data-passkey]");
/** @type {HTMLElement | null} */
const failed = document.querySelector("[data-passkey-failed]");
/** @type {{webauthn: {forms: Forms}} | undefined} */
const allauth = Reflect.get(window, "allauth");

document.addEventListener("allauth.error", (event) => {
  event.preventDefault(); // it would only stand in the console
  if (failed) failed.hidden = false;
});
if (place) {
  allauth?.webauthn.forms[place.dataset.passkey ?? ""]?.({ ids });
  place.hidden = false;
}
