/** The HTML of Swagger UI. Its addresses are relative, so that they are right behind a proxy that strips a prefix of the path. */
export const page = (title: string) => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${title}: API</title>
    <link rel="icon" href="swagger/favicon-32x32.png">
    <link rel="stylesheet" href="swagger/swagger-ui.css">
    <script src="swagger/swagger-ui-bundle.js" defer></script>
    <script src="swagger/page.js" defer></script>
  </head>
  <body><div id="swagger-ui"></div></body>
</html>
`

const options = `{ url: 'swagger/json', dom_id: '#swagger-ui', deepLinking: true, tryItOutEnabled: true, validatorUrl: null }`

/** Starts Swagger UI. A file of its own, because the policy refuses inline scripts. The validator would need the internet. */
export const SCRIPT = `SwaggerUIBundle(${options})\n`
