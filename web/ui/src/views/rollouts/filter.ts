/** Which rollouts are shown, kept in the address. Pure. */

import type { Rollout } from "../../api/rollouts";
import { KINDS, type Kind, kindOf } from "../shared/rollouts/words";

export interface RolloutFilter {
  kind: Kind | null;
  /** Of one type; those of the whole fleet are its too. */
  type: string | null;
}

const inAddress = (kind: Kind): string => kind.replace(" ", "-");

export function parseRolloutFilter(search: string): RolloutFilter {
  const params = new URLSearchParams(search);
  return { kind: KINDS.find((kind) => inAddress(kind) === params.get("state")) ?? null, type: params.get("type") || null };
}

export function rolloutSearch({ kind, type }: RolloutFilter): string {
  const parts = [...(kind === null ? [] : [`state=${inAddress(kind)}`]), ...(type === null ? [] : [`type=${encodeURIComponent(type)}`])];
  return parts.length === 0 ? "" : `?${parts.join("&")}`;
}

export function fits({ kind, type }: RolloutFilter, rollout: Rollout): boolean {
  const concerns = type === null || rollout.type === type || rollout.members.some((member) => member.type === type);
  return concerns && (kind === null || kindOf(rollout) === kind);
}
