/**
 * What a page may load and send: our own scripts and style, and questions and forms to this host (Content Security Policy Level 3); and
 * that no page of another site has a hand on its window (HTML, cross-origin opener policies; Django's default).
 */
export const pageHeaders = {
  "cross-origin-opener-policy": "same-origin",
  "content-security-policy":
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
};
