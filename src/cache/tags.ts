/** The byte that an encoded value begins with. A byte of at least `SHAPES` is an object, and how much larger it is the number of its shape. */
export const UNDEFINED = 0;
export const NULL = 1;
export const FALSE = 2;
export const TRUE = 3;
/** A whole number, and one below zero. */
export const INTEGER = 4;
export const NEGATIVE = 5;
/** Any other number: eight bytes. */
export const FLOAT = 6;
export const TEXT = 7;
/** A location in the file at hand: how far its start is from the one before, twice, less one where it is backward; then its length. */
export const LOCATION = 8;
export const LIST = 9;
/** An object whose shape has a number too large for the tag. */
export const OBJECT = 10;
/** A value that is met again, and such a value met again, by the order in which they were defined. */
export const DEFINED = 11;
export const KNOWN = 12;
/** A value that is at hand where the bytes are read, by its number there. */
export const GIVEN = 13;
export const SHAPES = 14;
