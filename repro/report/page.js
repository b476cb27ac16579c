// Without this script the page is whole: the two radio buttons switch the language by CSS alone.
// It picks the reader's language, and tells the browser and screen readers which one is shown.
(function () {
  var zh = document.getElementById('zh'), en = document.getElementById('en');
  var named = [].slice.call(document.querySelectorAll('[alt],[aria-label]'));
  named.forEach(function (e) {
    e.names = {};
    ['alt', 'aria-label'].forEach(function (a) {
      if (e.hasAttribute(a)) { e.names[a] = e.getAttribute(a).split(' ｜ '); }
    });
  });
  var titles = document.title.split(' ｜ ');
  function show() {
    var i = zh.checked ? 1 : 0;
    document.documentElement.lang = zh.checked ? 'zh-CN' : 'en';
    document.title = titles[i];
    named.forEach(function (e) {
      for (var a in e.names) { e.setAttribute(a, e.names[a][i] || e.names[a][0]); }
    });
  }
  function choose() {
    var wish = location.hash === '#zh' || location.hash === '#en' ? location.hash.slice(1) :
      (navigator.language || '').slice(0, 2);
    zh.checked = wish === 'zh';
    en.checked = !zh.checked;
    show();
  }
  zh.addEventListener('change', show);
  en.addEventListener('change', show);
  window.addEventListener('hashchange', function () {
    if (location.hash === '#zh' || location.hash === '#en') { choose(); }
  });
  // On paper nothing can be unfolded.
  var closed = [];
  window.addEventListener('beforeprint', function () {
    closed = [].slice.call(document.querySelectorAll('details:not([open])'));
    closed.forEach(function (d) { d.open = true; });
  });
  window.addEventListener('afterprint', function () {
    closed.forEach(function (d) { d.open = false; });
  });
  choose();
}());
