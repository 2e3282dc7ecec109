"""The script in every page: the cookie notice, the menu, saved stories."""

SCRIPT = """
(function () {
  'use strict';
  var notice = document.querySelector('.cookies');
  var refuse = document.querySelector('.cookies .refuse');
  var store = {
    get: function (key) { try { return localStorage.getItem(key); } catch (e) { return null; } },
    set: function (key, value) { try { localStorage.setItem(key, value); } catch (e) { /* private window */ } }
  };
  function close(event) {
    if (event) { event.preventDefault(); }
    store.set('cookies', 'refused');
    notice.hidden = true;
  }
  if (store.get('cookies')) { notice.hidden = true; }
  refuse.addEventListener('click', close);
  refuse.addEventListener('keydown', function (event) { if (event.key === ' ') { close(event); } });

  var menu = document.querySelector('.menu');
  var topics = document.getElementById('topics');
  menu.addEventListener('click', function () {
    var open = menu.getAttribute('aria-expanded') === 'true';
    menu.setAttribute('aria-expanded', String(!open));
    topics.classList.toggle('open', !open);
  });

  var saved = (store.get('saved') || '').split(' ').filter(Boolean);
  function mark(button, slug) { button.classList.toggle('saved', saved.indexOf(slug) >= 0); }
  Array.prototype.forEach.call(document.querySelectorAll('.card .save'), function (button) {
    var slug = button.parentNode.getAttribute('data-slug');
    mark(button, slug);
    button.addEventListener('click', function () {
      var at = saved.indexOf(slug);
      if (at >= 0) { saved.splice(at, 1); } else { saved.push(slug); }
      store.set('saved', saved.join(' '));
      mark(button, slug);
    });
  });

  var data = document.getElementById('page-data');
  if (data && 'IntersectionObserver' in window) {
    var story = JSON.parse(data.textContent);
    var end = document.querySelector('.related');
    var seen = new IntersectionObserver(function (entries) {
      if (entries[0].isIntersecting) { store.set('read', story.slug); seen.disconnect(); }
    });
    if (end) { seen.observe(end); }
  }
}());
"""
