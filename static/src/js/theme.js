// Runs before the first paint: the theme of this browser, else the system's; marks that scripts run.
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  let saved = null;
  try {
    saved = localStorage.getItem("theme");
  } catch {
    saved = null; // storage is blocked: follow the system
  }
  const system = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    root.dataset.bsTheme = saved ? saved : system.matches ? "dark" : "light";
  };
  if (saved !== "dark" && saved !== "light") saved = null;
  apply();
  system.addEventListener("change", () => {
    if (!saved && !root.dataset.themeChosen) apply();
  });
})();
