// Builds static/dist from static/src: one style sheet, one module, the theme switch, the icon sprite,
// and manifest.json, which gives each file the hash that its address carries.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = dirname(fileURLToPath(import.meta.url));
const SRC = join(ROOT, "static", "src");
const DIST = join(ROOT, "static", "dist");
const TARGET = ["es2022", "chrome123", "firefox120", "safari17.5"];
const SCRIPT_LIMIT = 100 * 1024;
const STYLE_LIMIT = 250 * 1024;

function stop(message) {
  console.error(message);
  process.exit(1);
}

const missing = ["esbuild", "purgecss", "htmx.org", "sortablejs", "@tabler/core", "bootstrap-icons"].filter(
  (name) => !existsSync(join(ROOT, "node_modules", name, "package.json")),
);
if (missing.length) {
  stop(`Missing packages: ${missing.join(", ")}. Run "npm ci" in ${ROOT} first, or "python3 manage.py setup".`);
}
const { build } = await import("esbuild");
const { PurgeCSS } = await import("purgecss");

/**
 * Leaves out the rules of Tabler that match nothing of ours. A name counts as used where it stands as a word in a
 * template, a script or a Python file, so a class is written out whole and never put together of pieces.
 */
const usedRules = {
  name: "used-rules",
  setup(build) {
    build.onLoad({ filter: /[\\/]@tabler[\\/]core[\\/].*\.css$/ }, async ({ path }) => {
      const [kept] = await new PurgeCSS().purge({
        css: [{ raw: await readFile(path, "utf8") }],
        content: ["templates/**/*.html", "static/src/js/*.js", "crm/**/*.py"].map((files) => `${ROOT}/${files}`),
        dynamicAttributes: ["data-bs-theme"], // the script calls it bsTheme
        defaultExtractor: (text) => text.match(/[A-Za-z0-9_-]+/g) ?? [],
      });
      return { contents: kept.css, loader: "css" };
    });
  },
};

async function bundle(entry, options) {
  const result = await build({
    entryPoints: [join(SRC, entry)],
    outdir: DIST,
    entryNames: "[name]",
    bundle: true,
    minify: true,
    target: TARGET,
    legalComments: "eof",
    logLevel: "warning",
    metafile: true,
    ...options,
  });
  return result.metafile.outputs;
}

/** One <symbol> for each name in icons.txt; pages refer to it as icons.svg#name. */
async function sprite() {
  const names = (await readFile(join(SRC, "icons.txt"), "utf8"))
    .split(/\r?\n/)
    .map((line) => line.replace(/#.*/, "").trim())
    .filter(Boolean);
  const symbols = [];
  for (const name of [...new Set(names)].sort()) {
    const file = join(ROOT, "node_modules", "bootstrap-icons", "icons", `${name}.svg`);
    if (!existsSync(file)) stop(`static/src/icons.txt names "${name}", which bootstrap-icons does not have.`);
    const svg = await readFile(file, "utf8");
    const box = svg.match(/viewBox="([^"]+)"/)[1];
    const body = svg.replace(/^[\s\S]*?<svg[^>]*>/, "").replace(/<\/svg>\s*$/, "").trim();
    symbols.push(`<symbol id="${name}" viewBox="${box}">${body.replace(/\s*\n\s*/g, "")}</symbol>`);
  }
  await writeFile(join(DIST, "icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`);
}

async function manifest(files) {
  const entries = {};
  for (const file of files) {
    const content = await readFile(join(DIST, file));
    entries[file] = createHash("sha256").update(content).digest("hex").slice(0, 12);
  }
  await writeFile(join(DIST, "manifest.json"), `${JSON.stringify(entries, null, 2)}\n`);
}

try {
  await rm(DIST, { recursive: true, force: true });
  await mkdir(DIST, { recursive: true });
  const outputs = await Promise.all([
    bundle("css/app.css", { external: ["*.woff", "*.woff2"], plugins: [usedRules] }),
    bundle("js/app.js", { format: "esm" }),
    bundle("js/theme.js", { format: "iife" }),
    bundle("js/board.js", { format: "esm" }),
    sprite(),
  ]);
  const app = Object.entries(outputs[1]).find(([file]) => file.endsWith("app.js"))[1];
  if (app.bytes > SCRIPT_LIMIT) stop(`app.js has ${app.bytes} bytes, more than the ${SCRIPT_LIMIT} allowed.`);
  const style = Object.entries(outputs[0]).find(([file]) => file.endsWith("app.css"))[1];
  if (style.bytes > STYLE_LIMIT) stop(`app.css has ${style.bytes} bytes, more than the ${STYLE_LIMIT} allowed.`);
  await manifest(["app.css", "app.js", "board.js", "icons.svg", "theme.js"]);
  const [script, styles] = [app.bytes, style.bytes].map((bytes) => Math.round(bytes / 1024));
  console.log(`static/dist: app.js ${script} KB, app.css ${styles} KB, manifest written`);
} catch (error) {
  stop(`The build failed: ${error.message}`);
}
