/** `data:text/html,<h1>1</h1>`: a page that no server has. */
export const isDataUrl = (url: string): boolean => /^data:/i.test(url);
