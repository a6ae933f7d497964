// Runs once in the article pane. A click on a mark such as [1] shows its sentence; if the pane holds another
// article, the server is asked for the right one first, and the sentence is shown when it has come.
let wanted = null;

function show(id) {
  const sentence = document.getElementById(id);
  if (!sentence) return false;
  document.querySelectorAll(".newsqa-active").forEach((other) => other.classList.remove("newsqa-active"));
  sentence.classList.add("newsqa-active");
  sentence.scrollIntoView({ block: "center" });
  sentence.focus({ preventScroll: true });
  return true;
}

document.addEventListener(
  "click",
  (event) => {
    const mark = event.target.closest?.('a[href^="#newsqa-"]');
    if (!mark) return;
    event.preventDefault();
    event.stopPropagation();
    const id = mark.getAttribute("href").slice(1);
    if (!show(id)) {
      wanted = id;
      trigger("click", { target: id });
    }
  },
  true,
);

// A new answer: bring its first source into view inside the pane, without moving the page.
function reveal() {
  const pane = element.querySelector(".newsqa-article");
  const cited = element.querySelector(".newsqa-cited");
  if (!pane || !cited) return;
  const middle = cited.offsetTop - pane.offsetTop - (pane.clientHeight - cited.offsetHeight) / 2;
  pane.scrollTo({ top: Math.max(0, middle) });
}

new MutationObserver(() => {
  if (wanted && show(wanted)) wanted = null;
  else reveal();
}).observe(element, { childList: true, subtree: true });

// Screen readers are told a message's source code as its label; they should be told what it says.
new MutationObserver(() => {
  document.querySelectorAll("#newsqa-chat [data-testid][aria-label*='message:']").forEach((message) => {
    message.removeAttribute("aria-label");
  });
  for (const id of ["newsqa-thanks", "newsqa-notice"]) document.getElementById(id)?.setAttribute("role", "status");
}).observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["aria-label"] });
