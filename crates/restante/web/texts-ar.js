// What the bell says, in Arabic.

const plural = new Intl.PluralRules('ar');

/** @param {number} n @param {Partial<Record<Intl.LDMLPluralRule, string>>} forms @param {string} other */
const choose = (n, forms, other) => forms[plural.select(n)] ?? other;

/** @type {import('./texts.js').Texts} */
export const arabic = {
  title: 'الرسائل',
  button: (n, shown, isOffline) => {
    if (n === null) return 'الرسائل';
    const label = n === 0 ? 'الرسائل، لا شيء غير مقروء' : `الرسائل، ${n > 99 ? 'أكثر من ٩٩' : shown} غير مقروءة`;
    return isOffline ? `${label} عند آخر اتصال` : label;
  },
  markAll: 'تعليم الكل كمقروء',
  show: 'عرض',
  unread: 'غير المقروءة',
  all: 'الكل',
  unreadMark: 'غير مقروءة. ',
  everyone: 'إلى الجميع',
  dismiss: (text) => `إزالة: ${text}`,
  markRead: (text) => `وضع علامة مقروء: ${text}`,
  more: 'عرض رسائل أقدم',
  openInbox: 'فتح الصندوق',
  loading: 'جارٍ تحميل الرسائل…',
  empty: 'لا شيء في الانتظار',
  emptyAll: 'لا رسائل بعد',
  emptyHint: 'تظهر الرسائل الجديدة هنا من تلقاء نفسها.',
  offline: (time) => (time ? `لا يوجد اتصال. هذا ما كان هنا في ${time}.` : 'لا يوجد اتصال.'),
  failed: (seconds, shown) => (seconds > 0
    ? `لم يُجب الصندوق. المحاولة التالية بعد ${shown} ث.` : 'لم يُجب الصندوق. تجري المحاولة من جديد…'),
  signedOut: 'سجّل الدخول من جديد لرؤية رسائلك.',
  retry: 'حاول الآن',
  notDone: 'لم ينجح ذلك. حاول مرة أخرى.',
  toasts: 'رسائل جديدة',
  closeToast: 'إغلاق هذا الإشعار',
  arrived: (n, shown, text) => choose(n, {
    one: `رسالة جديدة: ${text}`, two: 'رسالتان جديدتان', few: `${shown} رسائل جديدة`,
  }, `${shown} رسالة جديدة`),
  dismissed: 'أزيلت.',
  allRead: 'عُلّم الكل كمقروء.',
  online: 'عاد الاتصال.',
  levels: {
    debug: 'تصحيح', info: 'معلومة', success: 'تم', warning: 'تحذير', error: 'خطأ', custom: 'رسالة',
  },
};
