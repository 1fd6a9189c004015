/** The page for a path where there is nothing. It needs no other file, so that it can be sent for any path. */
import { html } from "./html.ts";

export const notFoundPage: string = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Not found</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
</head>
<body>
<main>
<h1>Not found</h1>
<p>There is nothing at this address.</p>
</main>
</body>
</html>
`.text;
