// What is pasted into a rich text from a word processor, before the editor reads it. Nothing of it is run or loaded here.
"use strict";

(() => {
  const LEVELS = { h1: "h2", h5: "h4", h6: "h4" };
  // Written by this kind of editor itself, which knows how to read it.
  const OWN = /data-(?:editor|offset-key|draftjs-conductor-fragment)=/;
  const BLOCKS = "p, div, h1, h2, h3, h4, h5, h6, ul, ol, li, blockquote, pre";

  const rename = (element, name) => {
    const made = element.ownerDocument.createElement(name);
    made.append(...element.childNodes);
    element.replaceWith(made);
  };

  const words = (element) => element.textContent.replace(/\s+/g, " ").trim();

  // The content of a cell as one line, without space around it.
  const inline = (cell) => {
    for (const block of cell.querySelectorAll(BLOCKS)) block.replaceWith(...block.childNodes, " ");
    cell.normalize();
    const nodes = [...cell.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE || words(node));
    for (const node of nodes) if (node.nodeType === Node.TEXT_NODE) node.data = node.data.replace(/\s+/g, " ");
    if (nodes[0]?.nodeType === Node.TEXT_NODE) nodes[0].data = nodes[0].data.trimStart();
    if (nodes.at(-1)?.nodeType === Node.TEXT_NODE) nodes.at(-1).data = nodes.at(-1).data.trimEnd();
    return nodes;
  };

  const line = (row, heads, document) => {
    const item = document.createElement("li");
    [...row.cells].forEach((cell, number) => {
      if (!words(cell)) return;
      if (item.hasChildNodes()) item.append(", ");
      if (heads[number]) item.append(`${heads[number]}: `);
      item.append(...inline(cell));
    });
    return item.hasChildNodes() ? item : null;
  };

  // The first row names the columns, if each of its cells is a heading or bold throughout.
  const isHead = (row) => [...row.cells].every((cell) => {
    if (!words(cell)) return false;
    const bold = [...cell.querySelectorAll("b, strong, span")].filter((part) => part.matches("b, strong") || /^(?:bold|[6-9]00)$/.test(part.style.fontWeight));
    return cell.tagName === "TH" || bold.some((part) => words(part) === words(cell));
  });

  const list = (table) => {
    const document = table.ownerDocument;
    const rows = [...table.rows].filter((row) => row.closest("table") === table);
    if (rows.length === 1 && rows[0].cells.length === 1) {  // a frame around a text
      table.replaceWith(...rows[0].cells[0].childNodes);
      return false;
    }
    const heads = rows.length > 1 && rows[0].cells.length > 1 && isHead(rows[0]) ? [...rows[0].cells].map(words) : [];
    const made = document.createElement("ul");
    for (const row of heads.length ? rows.slice(1) : rows) made.append(line(row, heads, document) ?? "");
    table.replaceWith(made);
    return made.hasChildNodes();
  };

  const cleaned = (html) => {
    const { body } = new DOMParser().parseFromString(html, "text/html");
    const pictures = body.querySelectorAll("img, picture, svg, object").length;
    for (const gone of body.querySelectorAll("img, picture, svg, object, style, script, iframe, title")) gone.remove();
    for (const [from, to] of Object.entries(LEVELS)) for (const element of body.querySelectorAll(from)) rename(element, to);
    // Google Docs wraps everything in one that is not bold.
    for (const wrapper of body.querySelectorAll("b")) if (wrapper.style.fontWeight === "normal") wrapper.replaceWith(...wrapper.childNodes);
    let tables = 0;
    for (const table of [...body.querySelectorAll("table")].reverse()) tables += list(table);  // the inner ones first
    for (const empty of body.querySelectorAll("p, h2, h3, h4, li")) if (!words(empty)) empty.remove();
    // Line breaks in the source are not the writer's, and lie between blocks where they would make empty ones.
    const walker = body.ownerDocument.createTreeWalker(body, NodeFilter.SHOW_TEXT);
    const spaces = [];
    while (walker.nextNode()) {
      const node = walker.currentNode;
      const between = [node.previousSibling, node.nextSibling].every((other) => !other || other.nodeType !== Node.ELEMENT_NODE || other.matches(`${BLOCKS}, br`));
      if (!/[^\s]/.test(node.data) && between && (node.previousElementSibling || node.nextElementSibling)) spaces.push(node);
    }
    for (const space of spaces) space.remove();
    return { html: body.innerHTML, pictures, tables };
  };

  const insert = (html, editorState) => {
    const { BlockMapBuilder, convertFromHTML, EditorState, Modifier } = window.DraftJS;
    const { contentBlocks, entityMap } = convertFromHTML(html);
    if (!contentBlocks?.length) return editorState;
    const content = editorState.getCurrentContent();
    const made = Modifier.replaceWithFragment(content, editorState.getSelection(), BlockMapBuilder.createFromArray(contentBlocks));
    return EditorState.push(editorState, made.set("entityMap", entityMap), "insert-fragment");
  };

  // Where the last paste or drop went. The editor's plugins are not told.
  let editor = null;
  for (const type of ["paste", "drop"]) {
    document.addEventListener(type, ({ target }) => { editor = target.closest?.("[data-draftail-editor-wrapper]"); }, true);
  }

  const tell = (sentences, close) => {
    if (!editor) return;
    editor.querySelector(".cw-pasted")?.remove();
    if (!sentences.length) return;
    const note = document.createElement("div");
    const button = document.createElement("button");
    const text = document.createElement("p");
    note.className = "cw-pasted";
    text.setAttribute("role", "status");
    button.type = "button";
    button.className = "button button-small button-secondary";
    button.textContent = close;
    const writing = editor.querySelector("[contenteditable]");
    button.addEventListener("click", () => { note.remove(); writing?.focus(); });
    note.append(text, button);
    editor.append(note);
    text.textContent = sentences.join(" ");
    note.scrollIntoView({ block: "nearest" });
  };

  // The words come from the server: Wagtail makes one of this and of what the settings of the editor say.
  const plugin = {
    type: "commonwire-paste",

    handlePastedText(text, html, editorState, { setEditorState }) {
      if (!html || OWN.test(html)) return "not-handled";
      const found = cleaned(html);
      setEditorState(insert(found.html, editorState));
      tell([found.pictures && this.pictures, found.tables && this.tables].filter(Boolean), this.close);
      return "handled";
    },

    handlePastedFiles() {
      tell([this.pictures], this.close);
      return "handled";
    },

    handleDroppedFiles() {
      tell([this.pictures], this.close);
      return "handled";
    },
  };

  window.draftail.registerPlugin(plugin, "plugins");
})();
