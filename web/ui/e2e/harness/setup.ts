/** Before all files, which run in processes of their own: two that import the same image at a time would leave one without a name. */

import { engineIsThere, image } from "./engine";

export default function setup(): void {
  if (engineIsThere) image();
}
