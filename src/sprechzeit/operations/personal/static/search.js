// Finds patients in the list that lies beside this file. Without it the lists by name find them as well.
(function () {
  'use strict'
  var MOST = 50
  var field = document.getElementById('search')
  var found = document.getElementById('found')
  var none = document.getElementById('none')
  if (!field || !window.PATIENTS) return
  document.getElementById('search-part').hidden = false

  function folded (text) {
    return text.toLowerCase().replace(/ß/g, 'ss').replace(/ä/g, 'ae').replace(/ö/g, 'oe').replace(/ü/g, 'ue')
      .normalize('NFD').replace(/[\u0300-\u036f]/g, '')
  }

  var texts = window.PATIENTS.map(function (one) { return folded(one[0] + ' ' + one[1] + ' ' + one[2]) })

  function show () {
    var words = folded(field.value).split(/[\s,]+/).filter(Boolean)
    found.textContent = ''
    if (words.length === 0) { none.hidden = true; return }
    for (var i = 0, shown = 0; i < texts.length && shown < MOST; i++) {
      if (!words.every(function (word) { return texts[i].indexOf(word) >= 0 })) continue
      var one = window.PATIENTS[i]
      var line = document.createElement('li')
      var link = document.createElement('a')
      link.href = one[3]
      link.textContent = one[0]
      line.append(link, one[1] ? ' · ' + one[1] : '', one[2] ? ' · ' + one[2] : '')
      found.append(line)
      shown++
    }
    none.hidden = found.childElementCount > 0
  }

  field.addEventListener('input', show)
}())
