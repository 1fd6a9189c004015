/** A text that was sent and could not be read as what its field is. */
export class Unread {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}
