import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { bundledTypes } from "./build/bundled-types.ts";
import { compressedCopies } from "./build/compressed-copies.ts";

/** `vite build services/webui/pages`: one HTML file, and assets whose names change with their content. */
export default defineConfig({
  plugins: [react(), bundledTypes(), compressedCopies()],
  worker: { format: "es" },
  build: { target: "es2024", modulePreload: { polyfill: false }, reportCompressedSize: false },
});
