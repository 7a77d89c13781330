// Dragging on the board. A drop asks the gate; the card goes back where it was until the answer is known.
// [data-lane="stage"]  a list of cards that takes drops
// [data-card="id"]     a card
// #drop                the form that is sent: lead, to; it answers 204 with the event lead-moved, or puts
//                      what is missing into #move-dialog
// Whoever does not drag has 移到 on each card.

import Sortable from "sortablejs";

const form = document.getElementById("drop");
const dialog = document.getElementById("move-dialog");

function drop({ item, from, to, oldIndex }) {
  if (from === to) return;
  from.insertBefore(item, from.children[oldIndex] ?? null);
  form.elements.lead.value = item.dataset.card;
  form.elements.to.value = to.dataset.lane;
  form.dispatchEvent(new Event("drop"));
}

function start() {
  for (const list of document.querySelectorAll("[data-lane]")) {
    if (!Sortable.get(list)) {
      Sortable.create(list, { group: "lanes", draggable: "[data-card]", sort: false, ghostClass: "ghost", chosenClass: "held", animation: 120, delay: 150, delayOnTouchOnly: true, onEnd: drop });
    }
  }
}

if (form) {
  start();
  document.addEventListener("htmx:load", start);
  document.addEventListener("htmx:afterSwap", (event) => {
    if (dialog.contains(event.detail.target) && !dialog.open) dialog.showModal();
  });
}
