import { Component, type ComponentType } from "preact";

/** Painted anew only when one of its attributes is another one. (`preact/compat` would bring much else along.) */
export function memo<P extends object>(Inner: ComponentType<P>): ComponentType<P> {
  return class Memo extends Component<P> {
    override shouldComponentUpdate(next: P): boolean {
      const before = this.props as Readonly<Record<string, unknown>>;
      const after = next as Readonly<Record<string, unknown>>;
      const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
      return [...keys].some((key) => before[key] !== after[key]);
    }
    override render() {
      return <Inner {...(this.props as P)} />;
    }
  };
}
