/** What is read of Porthole outside its application: where it is installed, while its server is away, beside the reference. The build writes them into their files. */
export const installTexts = {
  language: 'en',
  name: 'Porthole',
  description: 'Any camera, live in any browser.',
  reference: 'API reference',
  noScript: 'Porthole shows live cameras with JavaScript. Please turn it on for this page.',
  offlineTitle: 'Porthole is out of reach',
  offlineText: 'This device has no connection, or the server is not running. This page goes on by itself when it is back.',
  offlineRetry: 'Try again',
  offlineTrying: 'Trying…',
} as const
