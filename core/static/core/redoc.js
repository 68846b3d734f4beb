"use strict";
// Redoc shows its maker's logo from their host; this page asks no other host for anything.
const elsewhere = (address) => new URL(address, location).origin !== location.origin;
const source = Object.getOwnPropertyDescriptor(HTMLImageElement.prototype, "src");
const setAttribute = Element.prototype.setAttribute;
HTMLImageElement.prototype.setAttribute = function (name, value) {
  if (name === "src") {
    this.src = value;
  } else {
    setAttribute.call(this, name, value);
  }
};
Object.defineProperty(HTMLImageElement.prototype, "src", {
  ...source,
  set(address) {
    this.hidden = elsewhere(address);
    if (!this.hidden) {
      source.set.call(this, address);
    }
  },
});
