// Tables that are wider than the page are scrolled by keyboard, too; the theme wraps each in a box.
const boxes = new ResizeObserver(entries => {
  for (const { target } of entries)
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0
    else target.removeAttribute("tabindex")
})

document$.subscribe(() => {
  for (const box of document.querySelectorAll(".md-typeset__scrollwrap")) boxes.observe(box)
})
