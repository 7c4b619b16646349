/** A reason not to start that the person at the keyboard can act on: printed as its sentence alone, without a stack. */
export class StartError extends Error {}
