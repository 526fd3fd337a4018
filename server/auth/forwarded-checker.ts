import type { Checker, Credential, Identity } from './credential.ts'

/** Takes a proxy's word on who the user is. The proxy is trusted before its headers come here. */
export class ForwardedChecker implements Checker {
  readonly name = 'forwarded'
  readonly verifies = ['forwarded'] as const
  readonly #header: string

  /** @param header its name, in any case */
  constructor(header: string) {
    this.#header = header.toLowerCase()
  }

  recall(credential: Credential): Identity | undefined {
    if (credential.kind !== 'forwarded') return undefined
    const said = credential.headers[this.#header]
    return typeof said === 'string' && said !== '' ? { user: said } : undefined
  }

  async check(credential: Credential): Promise<Identity | undefined> {
    return this.recall(credential)
  }
}
