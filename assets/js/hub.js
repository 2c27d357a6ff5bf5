// What a script adds to pages that are complete without it. Built into static/hub.js by script/assets.
import { Button } from "govuk-frontend/dist/govuk/components/button/button.mjs";
import { CharacterCount } from "govuk-frontend/dist/govuk/components/character-count/character-count.mjs";
import { ErrorSummary } from "govuk-frontend/dist/govuk/components/error-summary/error-summary.mjs";
import { NotificationBanner } from "govuk-frontend/dist/govuk/components/notification-banner/notification-banner.mjs";
import { SkipLink } from "govuk-frontend/dist/govuk/components/skip-link/skip-link.mjs";
import { startFamilies } from "./families.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");

for (const Component of [Button, CharacterCount, ErrorSummary, NotificationBanner, SkipLink]) {
  for (const part of document.querySelectorAll(`[data-module="${Component.moduleName}"]`)) {
    new Component(part);
  }
}

// The menu and the filters are folded away on a phone and shown on a wide screen. The style sheet does that where
// the browser can show closed <details>; this tells the others, and readers of the page's structure, the same.
const wide = window.matchMedia("(min-width: 820px)");
const folded = document.querySelectorAll(".hub-menu, .hub-filters:not(.hub-filters--folded)");
const unfold = () => folded.forEach((part) => (part.open = wide.matches));
if (folded.length && wide.matches) unfold();
wide.addEventListener("change", unfold);

startFamilies();
