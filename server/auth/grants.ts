import type { Clock } from '../base/clock.ts'
import type { Database } from '../store/database.ts'

/** Who was granted which camera. In memory, because each delivery asks; written through to the database. */
export class Grants {
  readonly #database: Database
  readonly #clock: Clock
  /** Users by camera. */
  readonly #users = new Map<string, Set<string>>()

  private constructor(database: Database, clock: Clock) {
    this.#database = database
    this.#clock = clock
  }

  static async load(database: Database, clock: Clock): Promise<Grants> {
    const grants = new Grants(database, clock)
    for (const { user, camera } of await database.selectFrom('grant').select(['user', 'camera']).execute()) grants.#add(user, camera)
    return grants
  }

  has(user: string, camera: string): boolean {
    return this.#users.get(camera)?.has(user) ?? false
  }

  /** Users, in the order of their names. */
  of(camera: string): string[] {
    return [...(this.#users.get(camera) ?? [])].sort()
  }

  async give(user: string, camera: string): Promise<void> {
    const row = { user, camera, created_at: this.#clock.now() }
    await this.#database
      .insertInto('grant')
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .execute()
    this.#add(user, camera)
  }

  async take(user: string, camera: string): Promise<void> {
    await this.#database.deleteFrom('grant').where('user', '=', user).where('camera', '=', camera).execute()
    this.#users.get(camera)?.delete(user)
  }

  /** All that a user has. */
  async takeAll(user: string): Promise<void> {
    await this.#database.deleteFrom('grant').where('user', '=', user).execute()
    for (const users of this.#users.values()) users.delete(user)
  }

  #add(user: string, camera: string): void {
    const users = this.#users.get(camera) ?? new Set()
    this.#users.set(camera, users.add(user))
  }
}
