import type { Component } from '../read/component-directory/component-directory.view.js';

/** Puts what the API sees itself over what the read model has, where the read model cannot know better. */
export abstract class LiveOverlay {
  abstract over(components: readonly Component[]): Component[];
}
