"use strict";
(() => {
  const charts = JSON.parse(document.getElementById("charts").textContent);
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const narrow = window.matchMedia("(max-width: 560px)");
  const tokens = {
    "rgb(1,2,1)": "--ink", "rgb(1,2,2)": "--muted", "rgb(1,2,3)": "--grid",
    "rgb(1,2,4)": "--paper", "rgb(1,2,5)": "--middle",
  };
  const onPaper = {
    "--ink": "#1c2128", "--muted": "#59636e", "--grid": "#dfe3e8", "--paper": "#ffffff",
    "--middle": "#eef1f5",
  };
  const coloured = (value, colour) => {
    if (typeof value === "string") return value in tokens ? colour(tokens[value]) : value;
    if (Array.isArray(value)) return value.map((item) => coloured(item, colour));
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, coloured(item, colour)]));
  };
  const laidOver = (below, above) => {
    if (above === undefined) return below;
    if (above === null || typeof above !== "object") return above;
    if (Array.isArray(above) && typeof above[0] !== "object") return above;
    const both = Array.isArray(below) ? [...below] : { ...below };
    for (const key of Object.keys(above)) both[key] = laidOver(both[key], above[key]);
    return both;
  };
  const draw = (printing) => {
    const styles = getComputedStyle(document.documentElement);
    const colour = (name) => (printing ? onPaper[name] : styles.getPropertyValue(name).trim());
    for (const [name, chart] of Object.entries(charts)) {
      const place = document.getElementById(`chart-${name}`);
      const full = { data: chart.data, layout: chart.layout };
      const shown = coloured(narrow.matches ? laidOver(full, chart.narrow) : full, colour);
      if (printing) shown.layout.width = Math.min(place.clientWidth, 680);
      place.style.height = `${shown.layout.height}px`;
      // A Sankey moves to its new size for half a second, which paper does not wait for.
      if (printing) Plotly.purge(place);
      Plotly.react(place, shown.data, shown.layout, { displayModeBar: false, responsive: true, scrollZoom: false, doubleClick: false });
    }
  };
  draw(false);
  dark.addEventListener("change", () => draw(false));
  narrow.addEventListener("change", () => draw(false));
  const card = document.getElementById("whole-card");
  let wasOpen = false;
  window.addEventListener("beforeprint", () => {
    if (card) { wasOpen = card.open; card.open = true; }
    draw(true);
  });
  window.addEventListener("afterprint", () => {
    if (card) card.open = wasOpen;
    draw(false);
  });
  document.documentElement.dataset.drawn = "true";
})();
