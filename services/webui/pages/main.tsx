import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { store } from "./api/store.ts";
import { App } from "./app.tsx";
import "./shell/base.css";
import "./shell/controls.css";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no element #root");
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={store}>
      <App />
    </QueryClientProvider>
  </StrictMode>,
);
