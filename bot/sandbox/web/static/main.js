// Everything that makes the pages move; each module adds its own listeners to the document, so a new body needs none.
import "./acts.js";
import "./choose.js";
import "./complete.js";
import "./composer.js";
import "./emoji.js";
import "./go.js";
import "./home.js";
import "./jump.js";
import "./keys.js";
import { listen } from "./live.js";
import "./menu.js";
import "./modal.js";
import "./pager.js";
import "./rooms.js";
import "./scroll.js";
import "./theme.js";
import "./title.js";
import "./toast.js";
import "./tour.js";
import "./upload.js";
import "./weather.js";

document.addEventListener("visibilitychange", listen);
listen();
document.dispatchEvent(new CustomEvent("arrived"));
