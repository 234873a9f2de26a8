// A tap or click on an answer sends it at once. The keyboard chooses with the arrows and sends with Enter,
// so a click that the keyboard made (detail 0) sends nothing.
for (const form of document.querySelectorAll("form[data-answer-at-once]")) {
  let sent = false;
  form.addEventListener("click", (event) => {
    if (event.detail > 0 && event.target.matches('input[type="radio"]') && !form.elements.comment?.value) form.requestSubmit();
  });
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
}
window.addEventListener("pageshow", (event) => event.persisted && location.reload());
