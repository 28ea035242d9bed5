import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { compressedCopies } from "./build/compressed-copies.ts";

/** `vite build services/webui/pages`: one HTML file, and assets whose names change with their content. */
export default defineConfig({
  plugins: [react(), compressedCopies()],
  build: { target: "es2024", modulePreload: { polyfill: false }, reportCompressedSize: false },
});
