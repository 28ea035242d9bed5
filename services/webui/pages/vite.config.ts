import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** `vite build services/webui/pages`: one HTML file, and assets whose names change with their content. */
export default defineConfig({
  plugins: [react()],
  build: { target: "es2024", modulePreload: { polyfill: false } },
});
