import type { CodeModule } from '../../facts/code.js';
import { push } from './lists.js';

/** Where more classes implement an interface than these, it is not known which one is there. */
const MOST = 3;

/** A class that implements or extends something. */
export interface Implementer {
  readonly file: string;
  readonly class: string;
}

/** The classes of a project by what they implement or extend: an interface (a port), an abstract class. Names alone tell: whoever takes a class has to look whether it means the same. */
export class Implementations {
  private byName: ReadonlyMap<string, readonly Implementer[]> | undefined;

  constructor(private readonly modules: () => Iterable<CodeModule>) {}

  /** The classes that implement or extend what is called so; none where many do. */
  of(name: string): readonly Implementer[] {
    const found = (this.byName ??= this.indexed()).get(name) ?? [];
    return found.length > MOST ? [] : found;
  }

  private indexed(): Map<string, Implementer[]> {
    const found = new Map<string, Implementer[]>();
    for (const { file, implementations } of this.modules()) {
      for (const each of implementations ?? []) push(found, each.of, { file, class: each.class });
    }
    return found;
  }
}
