import preact from "@preact/preset-vite";
import { defineConfig } from "vitest/config";

// Where a daemon listens while the page is developed, and its token: `DAEMON=http://127.0.0.1:7117 TOKEN=… npm run dev`.
const daemon = process.env["DAEMON"] ?? "http://127.0.0.1:7117";
const token = process.env["TOKEN"];
const proxied = {
  target: daemon,
  // The daemon checks Host and Origin; seen from it, the page under development is its own.
  changeOrigin: true,
  headers: { origin: daemon, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
};

/**
 * Chunks by what they are and not by who happens to share them, so that a new page renames nothing: vendor code, which
 * a change of ours leaves alone; what all pages stand on; and what only lazily imported pages share, which is not loaded
 * with the first one. The rest is one chunk per lazily imported page.
 */
const LATER = /\/src\/(views\/shared\/|api\/(agent|tasks|rollouts|stream)\.|kit\/(copy-text|memo|tabs|use-events|use-load)\.|state\/(day|event-kinds)\.)/;
const FIRST = /\/src\/(kit|state|api)\/|\/src\/(route|shell\/keys)\.ts/;
const GROUPS = [
  { name: "vendor-uplot", test: /node_modules\/uplot\//, priority: 3 },
  { name: "vendor-preact", test: /node_modules\/(@preact\/signals(-core)?|preact)\//, priority: 2 },
  // Before the later ones, which take along what they import.
  { name: "common", test: (id: string): boolean => FIRST.test(id) && !LATER.test(id), priority: 1 },
  { name: "shared", test: LATER, priority: 0 },
];

export default defineConfig({
  plugins: [preact({ devToolsEnabled: false, prefreshEnabled: true, devtoolsInProd: false })],
  build: {
    outDir: "../dist",
    emptyOutDir: true,
    target: "es2022",
    // The built files are committed: readable, and the same names and bytes from every build.
    minify: false,
    cssMinify: false,
    // The page's content security policy allows files of its own origin only: nothing inline, no data: URLs.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
    rolldownOptions: {
      output: {
        entryFileNames: "assets/[name].js",
        chunkFileNames: "assets/[name].js",
        assetFileNames: "assets/[name][extname]",
        codeSplitting: { groups: GROUPS },
      },
    },
  },
  server: { proxy: { "/api": proxied, "/session": proxied, "/healthz": proxied, "/readyz": proxied } },
  test: { environment: "node", include: ["src/**/*.test.{ts,tsx}"] },
});
