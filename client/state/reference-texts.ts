/** Every sentence of the reference that neither the OpenAPI document nor its viewer says. */
export const referenceTexts = {
  loading: 'Reading the API…',
  signedOut: {
    title: 'Sign in to read the reference',
    text: 'Everybody with an account here may read it, and try each operation from the page.',
    action: 'Go to the dashboard',
  },
  unreachable: {
    title: 'The server cannot be reached',
    text: 'The reference comes from the server that it tells of. It is not running, or this device has no connection.',
    action: 'Try again',
  },
  matches: (pattern: string) => `Matches \`${pattern}\`.`,
  webhooks: {
    name: 'Webhooks',
    description: 'What this server posts to the addresses that you give it.',
  },
  forPrograms: (document: string) => `The same for programs: [openapi.json](${document}).`,
  signingIn: 'Signing in',
  signingInHere: 'What you try on this page is done with your own session. Programs send one of these:',
  /** How each scheme of the document is sent. */
  schemes: {
    apiKey: (name: string) => `Cookie \`${name}\``,
    bearer: '`Authorization: Bearer …`',
    basic: '`Authorization: Basic …`, user and password',
    digest: '`Authorization: Digest …`, user and password',
  },
} as const
