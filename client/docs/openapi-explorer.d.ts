declare module 'openapi-explorer' {
  /** Shows an OpenAPI document; defined as `<openapi-explorer>` when it is imported. */
  export default class OpenApiExplorer extends HTMLElement {
    /** Settles when what it was last told is drawn. */
    readonly updateComplete: Promise<boolean>
    loadSpec(document: object): Promise<void>
  }
}
