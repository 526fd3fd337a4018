/** What a command was refused with, as the person reads it. */
export class CommandError extends Error {}
