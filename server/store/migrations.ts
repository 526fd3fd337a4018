import type { Kysely, Migration } from 'kysely'

/** Each change of the schema, in order, forever: a migration that was released is never edited. */
export const migrations: Record<string, Migration> = {
  '0001-cameras-users-sessions': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('camera')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('owner', 'text', (column) => column.notNull())
        .addColumn('source', 'text', (column) => column.notNull())
        .addColumn('created_at', 'integer', (column) => column.notNull())
        .addColumn('expires_at', 'integer')
        .addColumn('deleted_at', 'integer')
        .execute()
      await db.schema
        .createTable('user')
        .addColumn('id', 'integer', (column) => column.primaryKey())
        .addColumn('name', 'text', (column) => column.notNull().unique())
        .addColumn('role', 'text', (column) => column.notNull())
        .addColumn('password', 'text')
        .execute()
      await db.schema
        .createTable('session')
        .addColumn('token', 'text', (column) => column.primaryKey())
        .addColumn('user', 'text', (column) => column.notNull())
        .addColumn('created_at', 'integer', (column) => column.notNull())
        .addColumn('expires_at', 'integer', (column) => column.notNull())
        .execute()
    },
  },
  '0002-grants': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('grant')
        .addColumn('user', 'text', (column) => column.notNull())
        .addColumn('camera', 'text', (column) => column.notNull())
        .addColumn('created_at', 'integer', (column) => column.notNull())
        .addPrimaryKeyConstraint('grant_primary', ['user', 'camera'])
        .execute()
    },
  },
}
