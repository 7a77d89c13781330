// Entry of the script of every page.
import htmx from "htmx.org";

htmx.logger = null;
