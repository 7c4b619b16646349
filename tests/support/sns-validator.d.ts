declare module 'sns-validator' {
  class MessageValidator {
    validate(message: object, callback: (error: Error | null) => void): void;
  }
  export = MessageValidator;
}
