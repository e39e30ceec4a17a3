// A page that is opened from the disk may start no worker: there a hidden frame does its work, and the search works.
// MkDocs' plugin "offline" would take a script for this from the network, unless there is one of this name.
"use strict";
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    #frame = document.createElement("iframe");
    #ready;

    constructor(address) {
      super();
      this.#frame.hidden = true;
      document.body.append(this.#frame);
      const { contentWindow: inside, contentDocument: page } = this.#frame;
      inside.postMessage = (data) => {
        setTimeout(() => this.dispatchEvent(new MessageEvent("message", { data })));
      };
      const script = page.createElement("script");
      this.#ready = new Promise((resolve, reject) => {
        script.onload = resolve;
        script.onerror = reject;
      });
      script.src = new URL(address, location.href).href;
      page.head.append(script);
    }

    async postMessage(data) {
      await this.#ready;
      const { contentWindow: inside } = this.#frame;
      inside.dispatchEvent(new inside.MessageEvent("message", { data }));
    }

    terminate() {
      this.#frame.remove();
    }
  };
}
