import type { Ref } from './graph.js';

/**
 * A set of conditions that hold together wherever a row of the items standing in it has an effect: the WHERE and inner ONs of a block,
 * the ON of an outer join for its null-supplied side, one branch of an OR. What holds in a region holds in those inside of it.
 */
export interface Region {
  readonly id: number;
  parent: Region | undefined;
  readonly kind: 'block' | 'outer' | 'branch';
  /** An outer join that became an inner one: its region is part of the one around. */
  mergedInto?: Region;
  /** A condition is never true. */
  dead: boolean;
  /** A condition cannot be read. */
  hole: boolean;
  /** Items of which a row, not NULLs, must be there for the conditions to hold. */
  readonly present: Ref[];
  onMerge?: () => void;
}

/** The regions of one statement. */
export class Regions {
  private readonly all: Region[] = [];

  make(kind: Region['kind'], parent: Region | undefined): Region {
    const region: Region = { id: this.all.length, kind, parent, dead: false, hole: false, present: [] };
    this.all.push(region);
    return region;
  }

  /** Whether any region has a condition that cannot be read. */
  get hasHoles(): boolean {
    return this.all.some(({ hole }) => hole);
  }

  /** The region that stands for this one after merging. */
  find(region: Region): Region {
    let root = region;
    while (root.mergedInto) root = root.mergedInto;
    for (let each = region; each.mergedInto && each.mergedInto !== root;) {
      const next: Region = each.mergedInto;
      each.mergedInto = root;
      each = next;
    }
    return root;
  }

  parentOf(region: Region): Region | undefined {
    return region.parent && this.find(region.parent);
  }

  /** The condition of the region, or of one around it, is never true. */
  isDead(region: Region): boolean {
    for (let each: Region | undefined = this.find(region); each; each = this.parentOf(each)) if (each.dead) return true;
    return false;
  }

  isInside(inner: Region, outer: Region): boolean {
    const target = this.find(outer);
    for (let each: Region | undefined = this.find(inner); each; each = this.parentOf(each)) if (each === target) return true;
    return false;
  }

  /** A condition of the region rejects NULLs of the item: outer joins between the two count as inner joins. */
  requirePresent(ref: Ref, region: Region): void {
    const target = this.find(region);
    target.present.push(ref);
    this.reduce(ref, target);
  }

  private reduce(ref: Ref, target: Region): void {
    const between: Region[] = [];
    let each: Region | undefined = this.find(ref.region);
    for (; each && each !== target; each = this.parentOf(each)) {
      if (each.kind !== 'outer') return;
      between.push(each);
    }
    if (!each) return;
    for (const region of between.reverse()) this.merge(region, target);
  }

  private merge(region: Region, target: Region): void {
    if (this.find(region) === target) return;
    region.mergedInto = target;
    target.dead ||= region.dead;
    target.hole ||= region.hole;
    region.onMerge?.();
    for (const ref of region.present) {
      target.present.push(ref);
      this.reduce(ref, target);
    }
  }
}
