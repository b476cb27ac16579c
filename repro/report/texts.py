# -*- coding: utf-8 -*-
"""Every sentence of the page, in English and Simplified Chinese; and nothing else.

TEXTS   key: (English, Chinese), with fields as str.format has them; markup is allowed.
SAID    English of verify.py and article.py: Chinese.  # stands for a number, @ for a word or a
        file's name, * for any words; in the Chinese they come in the same order, or as {0}, {1}.
        What has no line here stays English, and is marked as English for the browser.
"""
from __future__ import print_function, unicode_literals

import re

import jinja2

BOTH = ' ｜ '               # between the languages of an attribute; page.js takes one of them

TEXTS = {
    # ---------------------------------------------------------------------------------- the page
    'title': ('Dogs vs. Cats, 2017: what was reproduced', '猫狗大战 2017：复现报告'),
    'lead': (
        'In 2017 a Chinese article reached the top 2 % of Kaggle\'s "Dogs vs. Cats" with Keras '
        '1.2.2.',
        '2017 年的一篇中文文章用 Keras 1.2.2 进入了 Kaggle“猫狗大战”竞赛的前 2%。'),
    'lead.all': (
        'This page shows one run of its exact program, on its exact versions, in the article\'s '
        'own order.',
        '本页按原文的顺序，展示用相同代码、相同版本运行一次的结果。'),
    'lead.features': (
        'This page shows one run of the second half of its program, from feature files on, on its '
        'exact versions, in the article\'s own order.',
        '本页按原文的顺序，展示从现成的特征文件开始、用相同代码的后半部分和相同版本运行一次的结果。'),
    'lead.engine': (
        'This page shows one run of its program in the article\'s own order, with one part '
        'replaced: the networks\' multiplications were done by {engine} instead of TensorFlow '
        '1.0.1.',
        '本页按原文的顺序，展示它的程序运行一次的结果，但替换了一个部分：网络中的乘法由 {engine} 完成，'
        '而不是 TensorFlow 1.0.1。'),
    'lead.versions': (
        'This page shows one run of its program in the article\'s own order; not all of its '
        'packages are the pinned versions.',
        '本页按原文的顺序，展示它的程序运行一次的结果；并非所有软件包都是锁定的版本。'),
    'language': ('Language', '语言'),
    'contents': ('Contents', '目录'),
    'cat': ('cat', '猫'),
    'dog': ('dog', '狗'),
    'network': ('network', '网络'),
    'standin.badge': ('stand-ins: {what}', '替代数据：{what}'),
    'standin.here': ('Stand-ins in this section:', '本节使用的替代数据：'),
    'standin.short.pictures': ('drawn pictures', '绘制的图片'),
    'standin.short.weights': ('seeded weights', '随机种子生成的权重'),
    'standin.short.features': ('features', '特征'),
    'standin.pictures': (
        '<b>Stand-in pictures.</b> The cats and dogs are drawn by this program; they are not '
        'Kaggle\'s photographs.',
        '<b>替代图片。</b>这些猫狗由本程序绘制，不是 Kaggle 的照片。'),
    'standin.weights': (
        '<b>Stand-in weights.</b> The networks\' weights are seeded, and built to carry one cue '
        '(drawn cats are striped); they are not trained on ImageNet.',
        '<b>替代权重。</b>网络权重由随机种子生成，并专门设计成能传递一条线索（画出来的猫有条纹），'
        '并非在 ImageNet 上训练所得。'),
    'standin.features': (
        '<b>Stand-in features.</b> The feature files say of themselves that they are stand-ins: '
        'generated, or computed with stand-in weights.',
        '<b>替代特征。</b>特征文件自身注明是替代数据：由程序生成，或用替代权重计算。'),
    'engine.notice': (
        '<b>Another engine.</b> {engine} instead of TensorFlow 1.0.1 multiplied in {networks}; '
        'the head was trained by TensorFlow 1.0.1. How equal that is was measured before it was '
        'used, on {pictures} of this run\'s own pictures: the features of the two differ by at '
        'most {largest:.1e} of their rms, the smallest cosine is {cosine:.7f}. Bound: {bound}; '
        '{passed}.',
        '<b>另一个计算引擎。</b>{networks} 中的乘法由 {engine} 完成，而不是 TensorFlow 1.0.1；'
        '分类器仍由 TensorFlow 1.0.1 训练。使用之前先用本次运行的 {pictures} 张图片实测了一致性：'
        '两者的特征最多相差均方根的 {largest:.1e} 倍，最小余弦为 {cosine:.7f}。上限：{bound}；{passed}。'),
    'engine.True': ('it was held', '未超出'),
    'engine.False': ('it was NOT held', '已超出！'),
    'engine.None': ('so it was not judged', '因此不作判断'),
    'engine.features': (
        '<b>Another engine.</b> The feature files say that they were computed by {engine}, not by '
        'TensorFlow 1.0.1.',
        '<b>另一个计算引擎。</b>特征文件注明由 {engine} 计算，而不是 TensorFlow 1.0.1。'),
    'unmarked': (
        '<b>Unmarked features.</b> The feature files do not say what made them, as the author\'s '
        'own do not. They have the right shapes, types and labels, but nothing in them shows that '
        'they are the author\'s, who published no checksum. Their sha256:',
        '<b>来历不明的特征。</b>特征文件没有注明由什么生成（作者的文件也没有）。'
        '它们的形状、类型和标签都正确，但没有任何内容能证明它们就是作者的文件；作者没有公布校验和。'
        '它们的 sha256：'),
    'none.pictures': ('Not available: no pictures in this run.', '无法显示：本次运行没有图片。'),
    'none.step': ('Not available: this step has not run here.', '无法显示：这一步尚未运行。'),

    # ------------------------------------------------------------------------------- 1, verdict
    'verdict': ('Verdict', '结论'),
    'verdict.reproduced': ('Reproduced', '已复现'),
    'verdict.differences': ('Reproduced with differences', '已复现，但有差异'),
    'verdict.not comparable': ('Not comparable (stand-ins, or other inputs)',
                               '无法比较（使用了替代数据或其他输入）'),
    'verdict.failed': ('A check failed', '有检查未通过'),
    'verdict.reproduced.why': (
        'The article\'s pictures, weights and order; its training log came out digit for digit, '
        'and so did the first ten rows of its submission.',
        '图片、权重和文件顺序都与原文一致；训练日志逐位相同，提交文件的前十行也相同。'),
    'verdict.reproduced.features': (
        'From feature files of the article\'s shape its training log came out digit for digit, '
        'and so did the first ten rows of its submission.',
        '从与原文形状相同的特征文件出发，训练日志逐位相同，提交文件的前十行也相同。'),
    'verdict.differences.features': (
        'The feature files have the article\'s shape, nothing is broken, but not every digit of '
        'its log or of its first ten rows came out. Where, is told below, epoch by epoch.',
        '特征文件的形状与原文一致，没有任何检查出错，但训练日志或前十行预测并非每一位都相同。'
        '下文逐轮列出差异所在。'),
    'verdict.differences.why': (
        'The article\'s inputs went in, nothing is broken, but not every digit of its log or of '
        'its first ten rows came out. Where, is told below, epoch by epoch.',
        '输入与原文一致，没有任何检查出错，但训练日志或前十行预测并非每一位都相同。'
        '下文逐轮列出差异所在。'),
    'verdict.not comparable.why': (
        'What ran here ran as the article lists it. Its numbers (99.6 %, 0.04141) can be compared '
        'only when its own inputs go in, and in this run they did not. That is neither a success '
        'nor a failure to reproduce them.',
        '这里运行的部分与原文清单一致。但只有输入与原文一致时，才能与它的数字（99.6%、0.04141）'
        '相比较，而本次运行的输入不同。因此这既不算复现成功，也不算复现失败。'),
    'verdict.not comparable.engine': (
        'What ran here ran in the article\'s order and by its calls, but another engine did the '
        'networks\' multiplications. Its numbers (99.6 %, 0.04141) can be compared only when its '
        'own inputs go in, and in this run they did not. That is neither a success nor a failure '
        'to reproduce them.',
        '这里按原文的顺序和调用运行，但网络的乘法由另一个引擎完成。只有输入与原文一致时，'
        '才能与它的数字（99.6%、0.04141）相比较，而本次运行的输入不同。'
        '因此这既不算复现成功，也不算复现失败。'),
    'verdict.failed.outside': (
        'The files are what the steps wrote, but the result is not the article\'s: it is worse '
        'than all public re-runs, by more than their whole spread (the rows marked FAIL below). '
        'That is no longer the article\'s experiment; most likely other inputs than its own went '
        'in, whatever their shape.',
        '文件与各步骤写出时一致，但结果与原文不符：比他人的全部公开复现都差，而且超出的幅度大于这些复现之间的'
        '整个范围（见下面标为 FAIL 的各行）。这已不是原文的实验；无论形状如何，输入很可能并非原文的输入。'),
    'verdict.failed.why': (
        'Something in the folder is not what it should be: see the rows marked FAIL below, '
        'before anything else on this page is believed.',
        '文件夹中有内容与预期不符：请先查看下面标为 FAIL 的各行，再看本页其他内容。'),
    'why.reason': ('What is not the article\'s: {why}', '与原文不同之处：{why}'),
    'answers.question': ('What of the article?', '原文的内容'),
    'answers.state': ('Reproduced?', '是否复现'),
    'answers.why': ('Why', '依据'),
    'state.yes': ('yes', '是'), 'state.no': ('no', '否'), 'state.differs': ('differs', '有差异'),
    'state.open': ('cannot be told here', '本次无法判断'),
    'state.shapes': ('in shape only', '仅形状相符'),
    'state.None': ('not judged', '不作判断'), 'state.True': ('yes', '是'),
    'state.False': ('no', '否'),
    'ask.ran.all': ('The program runs as listed', '程序能按原文清单运行'),
    'why.ran.all.yes': ('Links, features, head and submission were made, each by the article\'s '
                        'calls.', '链接、特征、分类器、提交文件都已用原文的调用生成。'),
    'why.ran.all.no': ('Steps are missing: see the table below.', '缺少步骤：见下表。'),
    'ask.ran.engine': ('The program runs as listed', '程序能按原文清单运行'),
    'why.ran.engine.differs': (
        'Links, features, head and submission were made, each by the article\'s calls; but behind '
        'them {engine} multiplied in the networks, in place of TensorFlow 1.0.1.',
        '链接、特征、分类器、提交文件都已用原文的调用生成；但网络中的乘法实际由 {engine} 完成，'
        '代替了 TensorFlow 1.0.1。'),
    'why.ran.engine.no': ('Steps are missing, and {engine} multiplied in the networks: see the '
                          'table below.', '缺少步骤，而且网络中的乘法由 {engine} 完成：见下表。'),
    'ask.ran.features': ('The second half of the program runs as listed',
                         '程序的后半部分能按原文清单运行'),
    'why.ran.features.yes': (
        'Head and submission, from feature files that were there already. The first half, '
        'pictures through networks, is no part of this run.',
        '用已有的特征文件完成了分类器训练和提交。前半部分（图片经过网络）不在本次运行之内。'),
    'why.ran.features.no': ('Steps are missing: see the table below.', '缺少步骤：见下表。'),
    'ask.versions': ('Its versions', '软件版本'),
    'why.versions.yes': ('{n} of {of} packages are the pinned ones: Python 2.7, Keras 1.2.2, '
                         'TensorFlow 1.0.1 …',
                         '{of} 个软件包中有 {n} 个为锁定版本：Python 2.7、Keras 1.2.2、'
                         'TensorFlow 1.0.1 等。'),
    'why.versions.no': ('Only {n} of {of} packages are the pinned ones.',
                        '{of} 个软件包中只有 {n} 个为锁定版本。'),
    'ask.versions.engine': ('Its versions', '软件版本'),
    'why.versions.engine.differs': (
        '{n} of {of} packages are the pinned ones: Python 2.7, Keras 1.2.2 … But TensorFlow 1.0.1 '
        'trained the head alone; the networks ran on {engine}, which is none of the article\'s.',
        '{of} 个软件包中有 {n} 个为锁定版本：Python 2.7、Keras 1.2.2 等。但 TensorFlow 1.0.1 只训练了分类器；'
        '网络在 {engine} 上运行，它不属于原文的环境。'),
    'why.versions.engine.no': ('Only {n} of {of} are the pinned ones, {engine} counted in.',
                               '{of} 个（包括 {engine}）中只有 {n} 个为锁定版本。'),
    'ask.files': ('The files are what the steps wrote', '文件与各步骤写出时一致'),
    'why.files.yes': ('{n} of {of}, byte for byte.', '{of} 个文件中有 {n} 个逐字节相同。'),
    'why.files.no': ('Only {n} of {of}: something was changed afterwards.',
                     '{of} 个文件中只有 {n} 个相同：之后有改动。'),
    'ask.features.golden': ('The features', '特征向量'),
    'why.features.golden.open': (
        'On stand-ins nothing can be told about the article\'s features. What agrees, within '
        'tolerances, are {n} of {of} values recorded of this demo.',
        '使用替代数据时，无法判断原文的特征。在容差之内相符的，是这个演示自身记录的 {of} 项特征值中的 {n} 项。'),
    'why.features.golden.no': ('Only {n} of {of} recorded values of the demo.',
                               '演示运行记录的 {of} 项特征值中只有 {n} 项相符。'),
    'ask.features.shapes': ('The features', '特征向量'),
    'why.features.shapes.shapes': (
        'Shapes, types and labels are right ({n} of {of} checks). Whether the values are, cannot '
        'be told: the article records none.',
        '形状、类型和标签正确（{of} 项检查通过 {n} 项）。数值是否正确则无法判断：原文没有记录任何特征值。'),
    'why.features.shapes.no': ('Only {n} of {of} checks of shapes, types and labels.',
                               '形状、类型和标签的 {of} 项检查只通过了 {n} 项。'),
    'ask.features.none': ('The features', '特征向量'),
    'why.features.none.open': ('Nothing of the article to compare them with.',
                               '原文中没有可以比较的内容。'),
    'ask.log': ('The training log, to four decimals', '训练日志（四位小数）'),
    'why.log.yes': ('{n} of 8 epochs digit for digit.', '8 轮中有 {n} 轮逐位相同。'),
    'why.log.differs': ('{n} of 8 epochs digit for digit with the better seeding.',
                        '用较接近的一种种子设置，8 轮中有 {n} 轮逐位相同。'),
    'ask.log.apart': ('The training log, to four decimals', '训练日志（四位小数）'),
    'why.log.apart.open': ('It needs the article\'s pictures and weights, or its features.',
                           '需要原文的图片和权重，或者它的特征文件。'),
    'ask.ten': ('The first ten rows of the submission', '提交文件的前十行'),
    'why.ten.yes': ('All ten are equal.', '十行全部相同。'),
    'why.ten.differs': ('Not all ten are equal: section 9 shows which.',
                        '并非十行全部相同：见第 9 节。'),
    'ask.ten.apart': ('The first ten rows of the submission', '提交文件的前十行'),
    'why.ten.apart.open': ('They are about Kaggle\'s test pictures, which this run does not have.',
                           '它们针对 Kaggle 的测试图片，而本次运行没有这些图片。'),
    'ask.score': ('The score 0.04141, rank 20 of 1,314', '得分 0.04141，第 20/1314 名'),
    'why.score.yes': ('Kaggle gave {score}.', 'Kaggle 给出 {score}。'),
    'why.score.differs': ('Kaggle gave {score}.', 'Kaggle 给出 {score}。'),
    'ask.score.apart': ('The score 0.04141, rank 20 of 1,314', '得分 0.04141，第 20/1314 名'),
    'why.score.apart.open': ('Only a submission to Kaggle can tell; none was made from this run.',
                             '只有提交到 Kaggle 才能知道；本次运行没有提交。'),
    'verify': ('All checks of this run', '本次运行的全部检查'),
    'verify.counts': ('{ok} ok, {differs} differ, {skipped} skipped, {fail} failed',
                      '{ok} 项符合，{differs} 项有差异，{skipped} 项跳过，{fail} 项失败'),
    'verify.notable': ('Rows that are not simply ok', '不完全符合的各行'),
    'verify.calibrated': (
        '"differs" at stand-in weights: they are calibrated by arithmetic that another processor '
        'rounds differently. Whether that matters, the rows of the features themselves judge.',
        '替代权重“有差异”：它们经过校准，而不同处理器的舍入方式不同。是否有影响，由特征本身的各行判断。'),
    'verify.differs': (
        '"differs" elsewhere: beside a number of somebody else a difference is a finding, not a '
        'fault of the folder.',
        '其他“有差异”：与他人的数字不同只是一项发现，并不表示文件夹有问题。'),
    'verify.all': ('Show all {n} rows', '显示全部 {n} 行'),
    'check': ('check', '检查项'), 'expected': ('expected', '预期'), 'got': ('got', '实际'),
    'verdict.column': ('verdict', '判定'),
    'claims': ('The article against itself', '原文自身的检验'),
    'claims.lead': (
        'Statements of the article that arithmetic alone can check, whatever was run: {holds} '
        'hold, {wrong} do not, {open} stay open.',
        '仅凭算术就能检验的原文陈述，与运行什么无关：{holds} 条成立，{wrong} 条不成立，{open} 条待定。'),
    'claims.show': ('Show all {n} claims', '显示全部 {n} 条'),
    'claim': ('claim', '陈述'), 'computed': ('computed', '计算结果'),

    # ------------------------------------------------------------------------------- 2, pictures
    'pictures': ('The pictures', '图片'),
    'pictures.counts': (
        '{train:,} training pictures ({cats:,} cats, {dogs:,} dogs) and {test:,} test pictures; '
        'the article has 25,000 and 12,500.',
        '训练图片 {train:,} 张（猫 {cats:,} 张，狗 {dogs:,} 张），测试图片 {test:,} 张；'
        '原文分别为 25,000 张和 12,500 张。'),
    'pictures.sizes': (
        'Sizes of {n:,} of the training pictures: {w0} to {w2} pixels wide (median {w1:g}), '
        '{h0} to {h2} high (median {h1:g}). The networks see them squeezed to 224 × 224 or '
        '299 × 299.',
        '其中 {n:,} 张训练图片的尺寸：宽 {w0} 至 {w2} 像素（中位数 {w1:g}），高 {h0} 至 {h2} 像素'
        '（中位数 {h1:g}）。输入网络前会被缩放为 224 × 224 或 299 × 299。'),
    'pictures.grid': ('Some of the training pictures, evenly spaced over the file names.',
                      '部分训练图片，按文件名等间隔选取。'),

    # ------------------------------------------------------------------------------- 3, networks
    'networks': ('Folders and networks', '文件夹与网络'),
    'networks.tree': ('The folder, as the article draws it, with this run\'s counts:',
                      '文件夹结构（按原文画法，数字为本次运行的图片数）：'),
    'networks.layers': ('layers', '层数'), 'networks.parameters': ('parameters', '参数个数'),
    'networks.input': ('input', '输入'), 'networks.output': ('last feature maps', '网络输出'),
    'networks.features': ('features', '特征数'),
    'networks.built.yes': ('Built again for this page: equal to what is recorded for Keras 1.2.2.',
                           '制作本页时重新构建：与 Keras 1.2.2 的记录一致。'),
    'networks.built.no': ('Built again for this page: NOT what is recorded for Keras 1.2.2.',
                          '制作本页时重新构建：与 Keras 1.2.2 的记录不一致！'),
    'networks.built.none': ('As recorded for Keras 1.2.2; not built for this page.',
                            '取自 Keras 1.2.2 的记录；制作本页时未重新构建。'),
    'networks.model': ('The article\'s drawing of the model, with this run\'s networks.',
                       '原文的模型图，所用网络为本次运行的网络。'),
    'networks.output.note': (
        'What the network puts out before GlobalAveragePooling2D; ResNet50 of Keras 1.2.2 ends '
        'in an average of its own.',
        '进入 GlobalAveragePooling2D 之前的输出；Keras 1.2.2 的 ResNet50 自带平均池化。'),

    # ----------------------------------------------------------------------------- 4, extraction
    'extraction': ('Exporting the features', '导出特征向量'),
    'extraction.none': ('No network ran here: the feature files were there already.',
                        '这里没有运行网络：特征文件是现成的。'),
    'extraction.engine': ('engine', '计算引擎'), 'extraction.time': ('time', '用时'),
    'extraction.pictures': ('pictures', '图片数'),
    'extraction.threads': (', {n} threads', '，{n} 个线程'),
    'extraction.workers': (', {n} decoding processes', '，{n} 个解码进程'),
    'extraction.seconds': ('{s:.0f} s', '{s:.0f} 秒'),
    'extraction.before': (' ({n:,} of them before)', '（其中 {n:,} 张此前已完成）'),
    'extraction.resumed': (
        'This run went on where an earlier one was interrupted: time and speed are those of the '
        'pictures that were left to do.',
        '本次运行从上次中断处继续：用时和速度只针对剩下的图片。'),
    'extraction.speed': ('images/s', '张/秒'),
    'extraction.full': ('hours for 37,500', '37,500 张需（小时）'),
    'extraction.kept': ('kept from before', '沿用已有结果'),
    'extraction.article': ('the article, p2.xlarge (K80)', '原文，p2.xlarge（K80）'),
    'extraction.rerun': ('a public re-run, p2.xlarge', '他人复现，p2.xlarge'),
    'extraction.rerun.value': ('{minutes:.0f} min, {speed:.0f}/s',
                               '{minutes:.0f} 分钟，每秒 {speed:.0f} 张'),
    'extraction.minutes': ('{a:g} to {b:g} min', '{a:g} 至 {b:g} 分钟'),
    'extraction.beside': (
        'The article: ten to twenty minutes a network on an AWS p2.xlarge for 37,500 pictures, '
        'which is {a:.0f} to {b:.0f} images/s. Of this run: {machine}, {cores} cores.',
        '原文：在 AWS p2.xlarge 上每个网络需要十到二十分钟（37,500 张），即每秒 {a:.0f} 至 {b:.0f} 张。'
        '本次运行：{machine}，{cores} 核。'),
    'extraction.tf1': (
        'All features were computed by TensorFlow 1.0.1 in the article\'s own calls, so there is '
        'no second engine to compare with.',
        '所有特征都由 TensorFlow 1.0.1 按原文的调用计算，没有第二个引擎可供比较。'),
    'extraction.equality': (
        'Equality with TensorFlow 1.0.1, measured on this run\'s own pictures and weights',
        '与 TensorFlow 1.0.1 的一致性（用本次运行的图片和权重实测）'),
    'equality.pictures': ('pictures compared', '比较图片数'),
    'equality.largest': ('largest difference / rms', '最大差异 / 均方根'),
    'equality.cosine': ('smallest cosine', '最小余弦'), 'equality.bound': ('bound', '上限'),
    'equality.passed': ('within', '是否通过'),
    'equality.submit': (
        'Through to the predictions: {pictures:,} pictures compared, {flips} decisions flipped, '
        'log loss changed by {log_loss_change:.1e}, a prediction by {largest_change:.1e} at most.',
        '直到预测结果：比较了 {pictures:,} 张图片，{flips} 个判断翻转，对数损失变化 '
        '{log_loss_change:.1e}，单个预测最多变化 {largest_change:.1e}。'),

    # ------------------------------------------------------------------------------- 5, features
    'features': ('The features', '特征向量'),
    'features.lead': (
        'What the head learns from: the averages of each network\'s last feature maps, one row a '
        'picture.', '分类器学习的对象：每个网络最后一层特征图的平均值，每张图片一行。'),
    'features.set': ('set', '集合'), 'features.train': ('train', '训练'),
    'features.test': ('test', '测试'), 'features.mean': ('mean', '均值'),
    'features.std': ('std', '标准差'), 'features.rms': ('rms', '均方根'),
    'features.zeros': ('zeros', '零的比例'), 'features.least': ('least', '最小'),
    'features.most': ('most', '最大'),
    'features.columns': ('std of the columns\' means', '各列均值的标准差'),
    'features.share': ('share of the values, %', '占全部值的百分比'),
    'features.value': ('size of a value', '数值大小（绝对值）'),
    'features.first': ('first principal component', '第一主成分'),
    'features.second': ('second principal component', '第二主成分'),
    'features.histogram': ('How large the values of each network are',
                           '每个网络的特征值大小分布'),
    'features.histogram.caption': (
        'Size of the values, zeros apart: all 2,048 columns of {n:,} pictures.',
        '特征值的大小分布（不含零）：{n:,} 张图片的全部 2,048 列。'),
    'features.projected': ('The features in two dimensions, cats and dogs',
                           '特征的二维投影，按猫狗着色'),
    'features.projection.caption': (
        'The first two principal components of {n:,} of {of:,} training pictures, every k-th of '
        'each class (scikit-learn\'s randomized PCA on the {c:,} features, unscaled). They hold '
        '{a:.1%} and {b:.1%} of the variance. The line half way between the classes\' means in '
        'this plane alone would put {right:.1%} of them on the right side.',
        '{of:,} 张训练图片中的 {n:,} 张（每类等间隔选取）的前两个主成分（scikit-learn 随机化 PCA，'
        '作用于未缩放的 {c:,} 个特征），分别占方差的 {a:.1%} 和 {b:.1%}。'
        '仅用这个平面上两类均值的中垂线，就能分对其中 {right:.1%}。'),

    # ------------------------------------------------------------------------------- 6, training
    'training': ('Training', '训练模型'),
    'training.lead': (
        'Eight epochs of the article\'s head: dropout, then one neuron. The listing seeds twice '
        '("article"), the author\'s notebook, which printed the log, once ("notebook"); both were '
        'trained. This run\'s model is the one with seeding "{seeding}".',
        '原文的分类器训练八轮：先 dropout，再接一个神经元。文章清单设置了两次随机种子（“article”），'
        '而打印出日志的作者笔记本只设置了一次（“notebook”）；这里两种都训练了。'
        '本次运行的模型采用“{seeding}”。'),
    'training.loss': ('loss (training)', '训练损失 loss'),
    'training.acc': ('accuracy (training)', '训练准确率 acc'),
    'training.val_loss': ('loss (validation)', '验证损失 val_loss'),
    'training.val_acc': ('accuracy (validation)', '验证准确率 val_acc'),
    'training.epoch': ('epoch', '轮次'),
    'training.says': ('{metric} over eight epochs: this run, the article, public re-runs',
                      '{metric} 随八轮训练的变化：本次运行、原文、他人复现'),
    'training.key.run': ('this run, seeding {seeding}', '本次运行，种子设置 {seeding}'),
    'training.key.article': ('the article', '原文'),
    'training.key.rerun': ('{n} public re-runs of others', '他人的 {n} 次公开复现'),
    'training.key.band': ('least to most of {n} other seeds', '另外 {n} 个种子的范围'),
    'training.no_band': ('No other seeds were trained in this run, so there is no band.',
                         '本次运行没有用其他种子训练，因此没有范围带。'),
    'training.apart': (
        'Curves far from the article\'s are to be expected: they are of other inputs.',
        '曲线与原文相差很大是正常的：输入不同。'),
    'training.table': ('This run minus the article, epoch by epoch, seeding "{seeding}"',
                       '逐轮差异（本次运行减去原文），种子设置“{seeding}”'),
    'training.table.note': ('= : equal to all four printed decimals',
                            '= 表示打印的四位小数全部相同'),

    # ----------------------------------------------------------------------------- 7, validation
    'validation': ('Validation', '验证'),
    'validation.lead': (
        '{n:,} held-out pictures: {accuracy:.2%} right ({wrong} wrong); 95 % interval {low:.2%} '
        'to {high:.2%}. The article: 99.58 % in its last epoch, of 5,000.',
        '{n:,} 张验证图片：正确率 {accuracy:.2%}（错 {wrong} 张），95% 置信区间 {low:.2%} 至 {high:.2%}。'
        '原文最后一轮为 99.58%（5,000 张）。'),
    'validation.clip': ('The article\'s argument for 0.005, with this run\'s numbers',
                        '用本次运行的数字看原文取 0.005 的理由'),
    'validation.clip.lead': (
        'The article clips every prediction to [0.005, 0.995]: where it is right, little is lost; '
        'where it is wrong, much is saved, "15 against 2". Those are decimal logarithms; the log '
        'loss is natural, so it is 34.5 against 5.3.',
        '原文把每个预测限制在 [0.005, 0.995] 内：预测正确时几乎没有损失，预测错误时节省很多，'
        '“是 15 和 2 的差别”。那是常用对数；对数损失用的是自然对数，所以是 34.5 和 5.3。'),
    'clip.before': ('log loss as predicted', '未截断的对数损失'),
    'clip.after': ('log loss after the clip to [0.005, 0.995]', '截断到 [0.005, 0.995] 后的对数损失'),
    'clip.right': ('a certain and right prediction costs at least', '确信且正确的预测至少付出'),
    'clip.wrong': ('a certain and wrong one costs at most, clipped', '确信但错误的预测最多付出（截断后）'),
    'clip.worst': ('the worst one of this run costs, unclipped', '本次运行中最差的一个付出（未截断）'),
    'clip.beyond': ('predictions that the clip changes', '被截断改变的预测数'),
    'clip.best': ('bound that would have been best here', '对本次验证集最优的界'),
    'clip.best.one': ('{bound:.2g} (log loss {loss:.4f})', '{bound:.2g}（对数损失 {loss:.4f}）'),
    'clip.best.half': ('0.5, which predicts 0.5 everywhere (log loss {loss:.4f})',
                       '0.5，即全部预测为 0.5（对数损失 {loss:.4f}）'),
    'clip.best.any': ('any bound up to {bound}: they change nothing (log loss {loss:.4f})',
                      '不超过 {bound} 的任何界：都不起作用（对数损失 {loss:.4f}）'),
    'clip.best.none': ('none: every bound costs something (log loss {loss:.4f} without)',
                       '不截断：任何界都会增加损失（不截断时对数损失 {loss:.4f}）'),
    'clip.none': ('No prediction lies beyond the bounds, so the clip changes nothing here.',
                  '没有预测超出界限，所以截断在这里不起作用。'),
    'validation.loss': ('log loss after the clip', '截断后的对数损失'),
    'validation.bound': ('clip bound', '截断界'),
    'validation.clip_says': ('The log loss as a function of the clip bound',
                             '对数损失随截断界的变化'),
    'validation.clip.caption': (
        'Log loss of the validation pictures for bounds up to 0.5, which predicts 0.5 everywhere; '
        'dashed: the article\'s 0.005.',
        '验证集对数损失随截断界的变化（最大为 0.5，即全部预测为 0.5）；虚线为原文的 0.005。'),
    'validation.clip.dot.one': ('Dot: the best.', '圆点为最优。'),
    'validation.clip.dot.any': ('Dot: the highest of the best.', '圆点为最优的界中最大的一个。'),
    'validation.predicted': ('predicted probability of a dog', '预测为狗的概率'),
    'validation.dogs': ('share that are dogs', '实际为狗的比例'),
    'validation.calibration_says': ('Calibration: predicted probabilities and what came true',
                                    '校准图：预测概率与实际比例'),
    'validation.calibration.caption': (
        'Calibration in ten bins, with 95 % intervals. On the dashed line, 70 % means 70 %.',
        '十个区间的校准图，附 95% 置信区间。落在虚线上时，预测 70% 就意味着 70%。'),
    'validation.confusion': ('Confusion matrix', '混淆矩阵'),
    'confusion.is': ('is a …', '实际'), 'confusion.taken': ('taken for a {what}', '判为{what}'),
    'validation.mistakes': ('The most confident mistakes', '最确信的错误'),
    'validation.no_mistakes': ('There is none.', '没有错误。'),
    'validation.doubts': ('The least certain', '最不确定的图片'),
    'validation.no_names': (
        'Only row numbers of the feature files can be given: this run has no pictures, or their '
        'names were taken in the file system\'s order.',
        '只能给出特征文件的行号：本次运行没有图片，或文件名采用了文件系统的顺序。'),
    'picture.says.cat': ('{name}: a cat, predicted {p:.1%} dog', '{name}：猫，预测为狗 {p:.1%}'),
    'picture.says.dog': ('{name}: a dog, predicted {p:.1%} dog', '{name}：狗，预测为狗 {p:.1%}'),
    'picture.is': ('{p:.1%} dog', '狗 {p:.1%}'),
    'row.cat': ('row {n}: cat', '第 {n} 行：猫'), 'row.dog': ('row {n}: dog', '第 {n} 行：狗'),

    # ------------------------------------------------------------------------------- 8, heat maps
    'heatmaps': ('Where the head looks', '分类器看哪里'),
    'heatmaps.lead': (
        'Class activation maps, by the method of the author\'s second notebook: the head\'s '
        'weights over each network\'s last feature maps, times (prediction − 0.5); bright is '
        'what speaks for the predicted class. His notebook did it for ResNet50; here each '
        'network has its slice of the head. Colours run from dark to bright in place of his '
        'rainbow.',
        '类激活图，方法取自作者的第二个笔记本：用分类器的权重对每个网络最后的特征图加权，'
        '再乘以（预测值 − 0.5）；越亮的地方越支持预测的类别。作者当时只用了 ResNet50，'
        '这里每个网络使用分类器中对应的一段权重。配色由暗到亮，代替作者的彩虹色。'),
    'heatmaps.off': (
        'The averages of the weighted maps and the head\'s bias add up to the logit, the number '
        'that the sigmoid turns into the prediction; what it makes of them is within {off:.0e} of '
        'the recorded prediction, so these pictures show what the head really computes.',
        '各加权特征图的平均值加上分类器的偏置就是 logit，即 sigmoid 之前的值；经过 sigmoid 后与记录的'
        '预测值相差不超过 {off:.0e}，所以这些图就是分类器实际计算的内容。'),
    'heatmaps.resnet': (
        'Of ResNet50 it is the {h} × {w} map that goes into its own average pooling, since what '
        'comes out is 1 × 1.',
        'ResNet50 使用的是它自带的平均池化之前的 {h} × {w} 特征图，因为池化之后只剩 1 × 1。'),
    'heatmaps.engine': (
        'TensorFlow 1.0.1 computed these maps for this page; the predictions are from features '
        'of {engine}.',
        '这些图由 TensorFlow 1.0.1 在制作本页时计算；预测值则来自 {engine} 的特征。'),
    'heatmaps.order': ('networks in the order of the article\'s head',
                       '网络按原文分类器的拼接顺序排列'),
    'heatmaps.no_pictures': ('Not available: no pictures in this run.',
                             '无法显示：本次运行没有图片。'),
    'heatmaps.no_order': ('Not available: file names in raw order, so no row has a known picture.',
                          '无法显示：文件名为原始顺序，无法确定各行对应的图片。'),
    'heatmaps.no_head': ('Not available: no head was trained here yet.',
                         '无法显示：这里还没有训练分类器。'),
    'heatmaps.no_weights': ('Not available: the networks\' weights are no longer in the folder.',
                            '无法显示：文件夹中已没有网络权重。'),
    'heatmaps.failed': ('They could not be made: {error}', '生成失败：{error}'),
    'heatmaps.picture': ('the picture, squeezed as the networks see it', '缩放后的图片（网络所见）'),
    'heatmaps.map': ('{network}: where it sees the predicted class', '{network}：支持预测类别的区域'),
    'heatmaps.all': ('all together', '合计'),
    'heatmaps.sum': ('all together, bias {bias}', '合计，偏置 {bias}'),
    'heatmaps.parts': ('towards dog (+) or cat (−)', '偏向狗（+）或猫（−）'),
    'heatmaps.of': ('<b>{why}</b>: <code>{name}</code>, {p:.1%} dog',
                    '<b>{why}</b>：<code>{name}</code>，狗 {p:.1%}'),
    'why.cat': ('the most certain cat', '最确信的猫'), 'why.dog': ('the most certain dog', '最确信的狗'),
    'why.cat.none': ('the least dog-like cat (no cat was taken for a cat)',
                     '最不像狗的猫（没有一只猫被判为猫）'),
    'why.dog.none': ('the least cat-like dog (no dog was taken for a dog)',
                     '最不像猫的狗（没有一只狗被判为狗）'),
    'why.mistake': ('the most confident mistake', '最确信的错误'),
    'why.doubt': ('the least certain', '最不确定的图片'),

    # ----------------------------------------------------------------------------- 9, submission
    'submission': ('The submission', '提交'),
    'submission.lead': (
        'pred.csv has {rows:,} rows; {predicted:,} were predicted. {low:.1%} of the predictions '
        'lie at the lower bound of the clip, {high:.1%} at the upper; {dogs:.1%} say dog.',
        'pred.csv 共 {rows:,} 行，其中预测了 {predicted:,} 行。{low:.1%} 的预测位于截断下界，{high:.1%} '
        '位于上界；{dogs:.1%} 判为狗。'),
    'submission.ten': ('The first ten rows', '前十行'),
    'submission.ten.apart': (
        'The article\'s rows are about Kaggle\'s pictures 1.jpg to 10.jpg, these about other '
        'ones: there is nothing to compare.',
        '原文的十行针对 Kaggle 的 1.jpg 至 10.jpg，这里是另外的图片：无从比较。'),
    'submission.run': ('this run', '本次运行'), 'submission.article': ('the article', '原文'),
    'submission.pictures': ('test pictures', '测试图片数'),
    'submission.predicted': ('predicted probability of a dog', '预测为狗的概率'),
    'submission.says': ('How many test pictures got which prediction', '测试图片预测值的分布'),
    'submission.histogram.caption': (
        'Predictions for the test pictures after the clip. Blue: cat; orange: dog.',
        '测试图片的预测值（截断后）。蓝色为猫，橙色为狗。'),
    'submission.expected': (
        'Were the test pictures like the validation\'s, they would score {low:.4f} to {high:.4f} '
        '(95 %; {mean:.4f} on average).',
        '如果测试图片与验证图片同样难，得分将在 {low:.4f} 至 {high:.4f} 之间（95%；平均 {mean:.4f}）。'),
    'submission.expected.article': (
        'The article\'s own validation loss was {val:.4f}, and Kaggle gave {score:.5f}. The clip '
        'alone does not explain that; the test pictures may be harder, or some of them '
        'mislabelled, which stays open. Public re-runs show the same gap.',
        '原文的验证损失为 {val:.4f}，而 Kaggle 给出 {score:.5f}。仅凭截断无法解释这一差距；'
        '测试图片可能更难，也可能有些标签有误，尚无定论。他人的公开复现也有同样的差距。'),
    'submission.expected.standin': (
        'On stand-ins this says nothing about Kaggle.', '在替代数据上，这与 Kaggle 得分无关。'),
    'submission.score': (
        'Kaggle\'s score of this run: {public} public, {private} private; the article\'s: '
        '0.04141.',
        '本次运行的 Kaggle 得分：公开榜 {public}，私有榜 {private}；原文：0.04141。'),
    'submission.no_score': ('This run was not submitted to Kaggle.', '本次运行没有提交到 Kaggle。'),

    # ---------------------------------------------------------------------------- 10, provenance
    'provenance': ('Provenance', '来源与环境'),
    'provenance.commands': ('To repeat it', '重复本次运行'),
    'provenance.commands.note': (
        'No path of the machine is recorded, so folders of yours stand in their places:',
        '这里不记录机器上的任何路径，以下名称代表你自己的文件夹：'),
    'folder.WORK': ('WORK, for the run', 'WORK 存放本次运行'),
    'folder.WORK.features': ('WORK, with the gap_*.h5 whose sha256 are below',
                             'WORK 中是 gap_*.h5（其 sha256 见下）'),
    'folder.DIR': ('DIR, with train/, test/ and sample_submission.csv',
                   'DIR 中是 train/、test/ 和 sample_submission.csv'),
    'folder.WEIGHTS': ('WEIGHTS, with the networks\' files whose md5 are below',
                       'WEIGHTS 中是网络权重文件（其 md5 见下）'),
    'provenance.machine': ('machine', '机器'), 'provenance.system': ('system', '系统'),
    'provenance.runtime': ('runtime', '运行方式'), 'provenance.commit': ('commit', '代码版本'),
    'provenance.settings': ('settings', '设置'),
    'provenance.cores': ('{cpu}, {cores} cores', '{cpu}，{cores} 核'),
    'provenance.steps': ('Steps', '步骤'), 'provenance.step': ('step', '步骤'),
    'provenance.seconds': ('seconds', '秒'), 'provenance.when': ('ended (UTC)', '结束时间（UTC）'),
    'provenance.files': ('Files (sha256)', '文件（sha256）'),
    'provenance.weights': ('Weights (md5): {network}', '权重（md5）：{network}'),
    'provenance.versions': ('Versions', '版本'),
    'are.article': (' (the article\'s)', '（与原文相同）'),
    'are.stand-in': (' (stand-in)', '（替代）'), 'are.other': (' (others)', '（其他）'),
    'are.None': (' (unknown)', '（未知）'),
    'made': ('Made {at} in {seconds} s. All numbers of this page are in report.json beside it.',
             '制作于 {at}，用时 {seconds} 秒。本页的全部数字都在旁边的 report.json 中。'),
}

SAID = {
    # verify.py: what is checked
    'version of @': '@ 的版本',
    'step *': '步骤 *',
    'pictures in @': '@ 中的图片数',
    '@ train, test': '@ 的 train、test',
    '@ values': '@ 的数值',
    '@ label': '@ 的 label',
    'pred.csv': 'pred.csv', 'pred.csv rows': 'pred.csv 的行数', 'pred.csv range': 'pred.csv 的取值范围',
    'pred.csv is model.h5 on gap_*.h5': 'pred.csv 等于 model.h5 作用于 gap_*.h5',
    'pred.csv, # rows': 'pred.csv，# 行',
    'drawn pictures': '绘制的图片',
    'stand-in weights of @': '@ 的替代权重',
    '@ features, mean': '@ 特征，均值', '@ features, std': '@ 特征，标准差',
    '@ features, max': '@ 特征，最大值', '@ features, zeros': '@ 特征，零的比例',
    '@ features, first cat': '@ 特征，第一只猫', '@ features, last dog': '@ 特征，最后一只狗',
    '@ features, first test picture': '@ 特征，第一张测试图片',
    '@ features, last test picture': '@ 特征，最后一张测试图片',
    'log of 8 epochs, seeding @ @': '8 轮日志，种子设置 @ @',
    'validation accuracy': '验证准确率', 'predictions': '预测值',
    'golden values': '标准值', 'the article\'s log': '原文的日志',
    'seeding @ epoch #': '种子设置 @ 第 # 轮', 'seeding @ whole log': '种子设置 @ 全部日志',
    'first ten rows of pred.csv': 'pred.csv 的前十行',
    'epoch 8, @ among # re-runs of others': '第 8 轮，@ 在他人的 # 次复现之中',
    # verify.py: what is expected, and what came
    'sha256 @': 'sha256 @', 'arrays @': '数组 @', 'missing': '缺失', 'mixed': '混合',
    'done': '已完成', 'not done': '未完成', 'finite': '有限值', 'nan or inf': '含 nan 或 inf',
    '* float32': '* float32', 'three arrays': '三个数组', 'readable': '可读', 'comparable': '可比较',
    '# times 0, then # times 1': '先 # 个 0，再 # 个 1', '# and #': '# 和 #',
    'ids 1 to #': 'id 1 至 #', '# rows': '# 行', '# to #': '# 至 #',
    'within #': '误差不超过 #', 'off by #': '相差 #',
    '# within #': '#，误差不超过 #', '# within # rms': '#，误差不超过 # 倍均方根',
    '8 values within # rms': '8 个值，误差不超过 # 倍均方根',
    '8 values within #': '8 个值，误差不超过 #',
    'ends # within #': '终值 #，误差不超过 #',
    'at least #': '至少 #', 'on both sides of 0.5': '分布在 0.5 两侧',
    '# below 0.5, # above': '小于 0.5 的 # 个，大于的 # 个',
    'a default demo': '默认的演示运行',
    'counts, networks, seeding, order or precision differ': '图片数、网络、种子设置、文件顺序或精度不同',
    'rows in raw order': '各行为原始顺序', '8 epochs digit for digit': '8 轮逐位相同',
    '# of 8': '8 轮中 # 轮',
    '#: worse than all': '#：比全部都差', '#: better than all': '#：比全部都好',
    '#: median': '#：中位数', '#: better half': '#：较好的一半', '#: worse half': '#：较差的一半',
    'gap @ by @ @': 'gap @，引擎 @ @',
    'max abs at most # of the rms': '最大差异不超过均方根的 # 倍',
    'smallest cosine at least # (on real weights: not meaningful on stand-ins)':
        '最小余弦至少 #（针对真实权重：在替代权重上没有意义）',
    'smallest cosine at least #': '最小余弦至少 #',
    'max abs # of the rms, smallest cosine #': '最大差异为均方根的 # 倍，最小余弦 #',
    'decisions with tf1\'s features of the sample': '改用 tf1 特征（抽样）时的判断',
    'none flips': '没有翻转',
    '# of # flip, log loss changes by #': '{1} 个中有 {0} 个翻转，对数损失变化 {2}',
    'Kaggle\'s public score': 'Kaggle 公开榜得分', 'Kaggle\'s private score': 'Kaggle 私有榜得分',
    'Kaggle\'s score': 'Kaggle 得分',
    'of another pred.csv': '属于另一个 pred.csv',
    'the run among # seeds': '本次运行在 # 个种子之中',
    'the article\'s log among # seeds': '原文日志在 # 个种子之中',
    'epoch # of re-runs of others among # seeds': '他人复现的第 # 轮在 # 个种子之中',
    '# of # inside': '{1} 个中有 {0} 个在范围内', 'and # more': '另有 # 项',
    'epoch # @ worse than all': '第 # 轮 @ 比全部都差',
    'epoch # @ better than all': '第 # 轮 @ 比全部都好',
    '#: the article\'s to the last digit': '#：与原文逐位相同',
    '#: # worse than the article\'s #': '{0}：比原文的 {2} 差 {1}',
    '#: # better than the article\'s #': '{0}：比原文的 {2} 好 {1}',
    'level with place # of #': '与第 {0} 名相同（共 {1} 队）',
    'before place # (#) of #': '优于第 {0} 名（{1}，共 {2} 队）',
    'after place # (#) of #': '在第 {0} 名（{1}）之后（共 {2} 队）',
    'between places # (#) and # (#) of #': '介于第 {0} 名（{1}）与第 {2} 名（{3}）之间（共 {4} 队）',
    '# values, least to most': '# 个值，最小至最大',
    'of these features': '属于这些特征',
    'of others: --seeds N remakes it': '属于其他特征：用 --seeds N 重新生成',
    # verify.py: verdicts
    'ok': '符合', 'FAIL': 'FAIL 失败', 'differs': '有差异', 'skipped': '跳过',
    # verify.py: why a run can't be compared
    '# of 25,000 and # of 12,500 pictures': '25,000 张中的 # 张和 12,500 张中的 # 张图片',
    'weights: *': '权重：*', 'networks: *': '网络：*', 'file order: *': '文件顺序：*',
    'features: stand-in': '特征：替代', 'features: *': '特征：*',
    'weights: stand-in': '权重：替代', 'weights: article': '权重：与原文相同',

    # article.py: sections
    'The data: dogs vs. cats; preparing the data': '数据：猫狗大战；数据预处理',
    'The features: exporting the feature vectors': '特征：导出特征向量',
    'The head: loading the feature vectors; building the model': '分类器：载入特征向量；构建模型',
    'The log: training the model': '日志：训练模型',
    'The submission: predicting the test set; summary': '提交：预测测试集；总结',
    # article.py: claims
    '# training pictures, cats and dogs half each': '训练集有 # 张，猫狗各占一半',
    'Names run 1, 10, 100, 1000, 10000, ..., not 1, 2, 3':
        '文件名按 1、10、100、1000、10000…… 排列，而不是 1、2、3',
    'A prediction near 1 means dog (implied)': '预测值接近 1 表示狗（文中隐含）',
    'With the features saved, a laptop can train': '保存特征向量后，普通笔记本也能训练',
    'Without GlobalAveragePooling2D the files would be very large':
        '不用 GlobalAveragePooling2D，文件会非常大',
    'Xception and Inception V3 get data within (-1, 1)':
        'Xception 和 Inception V3 的数据限定在 (-1, 1) 内',
    'h5 files hold train (25000, 2048), test (12500, 2048), label (25000,)':
        'h5 文件包含 train (25000, 2048)、test (12500, 2048)、label (25000,)',
    'Released files have # bytes': '作者发布的文件大小为 # 字节',
    '# to # minutes a network on a p2.xlarge': '在 p2.xlarge 上每个网络需 # 至 # 分钟',
    'ResNet50 alone: rank one or two hundred': '单独用 ResNet50：排名一两百',
    'Several networks together do better than one': '综合多个网络优于单个网络',
    'Unshuffled, validation_split goes wrong': '不打乱的话 validation_split 会出问题',
    'Seed # gives everybody the same output': '随机种子 # 保证每个人得到一样的结果',
    'The listing prints the log beside it': '文章的代码能打印出旁边的日志',
    'The drawing: 3 x 2048 merge to 6144, then to 1': '模型图：3 × 2048 合并为 6144，再到 1',
    'Train on #, validate on #': '训练 # 张，验证 # 张',
    '# epochs of # in batches of #': '# 轮，每轮 # 张，每批 # 张',
    'Each val_acc is a count of #': '每个 val_acc 都对应 # 张中的整数张',
    'Each acc is a count of #': '每个 acc 都对应 # 张中的整数张',
    'Loss and accuracy fit each other': '损失与准确率相互吻合',
    'val_loss falls to the end (log)': 'val_loss 一直下降到最后（日志）',
    '# % on the validation set': '验证集准确率 #%',
    'Of 1,000 pictures only # are wrong': '一千张图只错 # 张',
    'Trains within # seconds': '# 秒以内训练完',
    'Predicted right, # and 1 hardly differ': '预测正确时，# 和 1 相差无几',
    'Predicted wrong, 0 and # differ as # and #': '预测错误时，0 和 # 的差别是 # 和 #',
    'The clip lowers the log loss': '截断能降低对数损失',
    'Names must be parsed to put predictions into their rows': '必须解析文件名才能把预测填入对应的行',
    'The first ten predictions are very certain': '前十个预测都很肯定',
    'Score #': '得分 #', 'val_loss #, but score #': 'val_loss 为 #，得分却是 #',
    'Rank # of #': '排名 #/#',
    # article.py: what was computed
    '# + # = #': '# + # = #',
    '# of the # names shown are the first of the names sorted as strings. ls sorts by itself; the '
    'generator takes the file system\'s order, so there it was this one':
        '{1} 个列出的文件名中有 {0} 个正是按字符串排序的最前几个。ls 自己会排序；生成器采用文件系统的顺序，'
        '所以作者机器上就是这个顺序',
    'folders sorted: cat #, dog #; Kaggle asks for the probability of a dog':
        '文件夹排序后：猫 #，狗 #；Kaggle 要求的是狗的概率',
    '# parameters run once, # trained (1 in #); # GB of features':
        '# 个参数只运行一遍，训练 # 个（# 分之一）；特征共 # GB',
    'without it: ResNet50 # GB, InceptionV3 # GB, Xception # GB; with it # GB each. In 1.2.2 '
    'ResNet50 ends in an average already':
        '不用时：ResNet50 # GB，InceptionV3 # GB，Xception # GB；用时各 # GB。1.2.2 的 ResNet50 '
        '本来就以平均池化结尾',
    'pixel 0 becomes #, 255 becomes #; ResNet50 gets 0 to 255':
        '像素 0 变为 #，255 变为 #；ResNet50 得到 0 至 255',
    'last axes of the networks: #, #, # (VGG16, VGG19: #)':
        '各网络的最后一维：#、#、#（VGG16、VGG19：#）',
    '# x # x # + # x # x # + labels # x # = #; HDF5 adds #. 8-byte labels would be # too many':
        '# × # × # + # × # × # + 标签 # × # = #；HDF5 另加 #。若标签为 8 字节则多出 #',
    '# to # pictures/s over #; a re-run (Keras @) took #, #, # minutes':
        '每秒 # 至 # 张（共 # 张）；他人复现（Keras @）用了 #、#、# 分钟',
    'a re-run\'s ResNet50 alone scored #; rank # had #':
        '他人复现中单独的 ResNet50 得分 #；第 # 名的得分为 #',
    'one re-run, dropout #: alone #, #, # (# must be #), all three #, without ResNet50 #':
        '一次复现，dropout #：单独 #、#、#（# 应为 #），三个合用 #，去掉 ResNet50 为 #',
    'sorted, the last # hold # cats; # cats and # dogs remain to train on':
        '排序后最后 # 张中有 # 只猫；剩下 # 只猫和 # 只狗用于训练',
    'a matter of equal file order and versions, not of arithmetic. # of # comparable re-runs '
    'print this log; # more repeat one of the # to the last digit':
        '取决于文件顺序和版本是否相同，算术无法判定。{1} 次可比的复现中有 {0} 次打印出这份日志；'
        '另有 {2} 次与那 {3} 次之一逐位相同',
    'listing: seeded # times; notebook with this log: #. # of the author\'s # executions print it':
        '文章代码设置种子 {0} 次；打印此日志的笔记本：{1} 次。作者的 {3} 次运行中有 {2} 次打印出它',
    '# x # = #, # parameters; drawn ResNet50, InceptionV3, Xception, concatenated ResNet50, '
    'Xception, InceptionV3':
        '# × # = #，# 个参数；图中顺序 ResNet50、InceptionV3、Xception，拼接顺序 ResNet50、Xception、'
        'InceptionV3',
    '# x (1 - #) = #, leaving #': '# × (1 − #) = #，余下 #',
    '# steps an epoch, the last of # pictures; # in all': '每轮 # 步，最后一步 # 张；共 # 步',
    'wrong: *, give or take 1. A count moves acc by 0.00005, so any four decimals would fit':
        '错误数：*，上下可差 1。每错一张 acc 变化 0.00005，所以任何四位小数都吻合',
    'wrong: *': '错误数：*',
    'a wrong picture costs at least ln 2 = 0.693. Tightest of #: @ of epoch #, #, at least #':
        '每错一张至少损失 ln 2 = 0.693。# 组中最紧的：@，第 # 轮，#，至少应为 #',
    '# of # steps go down, # to #: not yet flat after # epochs':
        '{1} 步中有 {0} 步下降，从 {2} 到 {3}：{4} 轮后仍未走平',
    'epoch # of # has #; the last, which predicts, # (# of # pictures less). 95 % interval # to #':
        '第 {0} 轮（共 {1} 轮）为 {2}；用于预测的最后一轮为 {3}（{5} 张中少 {4} 张）。95% 置信区间 {6} 至 {7}',
    'best # of # = #, last # = # in 1,000': '最好 {1} 张错 {0} 张，即千分之 {2}；最后一轮错 {3} 张，即千分之 {4}',
    '* printed, cut off to whole seconds: less than # s': '打印为 *，小数部分被舍去：总共少于 # 秒',
    '# a picture, at least, for every picture: # % of the score #':
        '每张图片至少 #：占得分的 #%（得分 #）',
    'log10: # and #. The log loss is natural: # and # (0 counts as #)':
        '常用对数：# 和 #。对数损失用自然对数：# 和 #（0 按 # 计）',
    'costs up to # over # pictures, saves up to # a wrong one: pays from # flat errors on. '
    'val_loss # would become # to #':
        '{1} 张图片最多付出 {0}，每个错误最多节省 {2}：从 {3} 个完全错误起就划算。val_loss {4} 会变为 {5} 至 {6}',
    '# names fill # rows, each once; # would be wrong without':
        '# 个文件名填满 # 行，每行一次；否则会有 # 行错误',
    '# of # lie at a bound of the clip: # dogs, then # cats, as in # of # re-runs that print them '
    'clipped and in the right order':
        '{1} 个中有 {0} 个位于截断界上：先 {2} 只狗，再 {3} 只猫；按正确顺序打印截断值的 {5} 次复现中有 {4} '
        '次与此相同',
    'with this clip at least #; leaves room for # of # wrong at # (# %), # wrong at 0.5 (# %)':
        '在此截断下至少为 {0}；{2} 张中最多允许 {1} 张错在 {3}（{4}%），或 {5} 张错在 0.5（{6}%）',
    'the clip adds at most # of the # between them. The rest is as much as # more pictures wrong '
    'at #: harder, or mislabelled':
        '两者相差 {1}，截断最多占 {0}。其余相当于另有 {2} 张图片错在 {3}：图片更难，或标签有误',
    '# %: within the best 2 %': '#%：在前 2% 之内', '# %: not within the best 2 %': '#%：不在前 2% 之内',
    # article.py: verdicts
    'holds': '成立', 'does not hold': '不成立',
    'holds (not for *)': '成立（* 除外）',
    'holds (both ends included)': '成立（含两端）',
    'holds (in a re-run)': '成立（在一次他人复现中）',
    'holds (but for the order)': '成立（顺序除外）',
    'holds (# steps)': '成立（# 步）', 'holds (any digits would)': '成立（任何数字都会）',
    'holds (best epoch, not last)': '成立（最好的一轮，而非最后一轮）',
    'holds (#)': '成立（#）', 'holds (# %)': '成立（#%）', 'holds (at most #)': '成立（至多 #）',
    'holds in decimal logarithms only': '仅在常用对数下成立',
    'open (a re-run took # to #)': '待定（他人复现用了 # 至 # 分钟）',
    'open (a re-run ranks below #)': '待定（他人复现排在 # 名之后）',
    'open (needs runs; # of # so far)': '待定（需要运行；目前 {1} 次中 {0} 次）',
    'open (run both seedings)': '待定（需运行两种种子设置）',
    'open (needs the predictions)': '待定（需要预测值）',
    'open (not the clip alone)': '待定（不只是截断的缘故）',
}

WILD = {'#': r'([-+]?\d+(?:,\d{3})*(?:\.\d+)?(?:e[-+]?\d+)?)', '@': r'(\S+)', '*': r'(.+)'}
SAID_AS = []                # [(compiled English, Chinese)], the exact ones first


def compiled(english):
    """A regular expression for one key of SAID.  Raises re.error for a mistyped one."""
    # gap_*.h5 is the article's own pattern, not a wild card
    parts = re.split(r'(gap_\*\.h5|[#@*])', english)
    return re.compile(''.join(WILD.get(p, re.escape(p)) for p in parts) + r'\Z')


def translation(english):
    """The Chinese of what verify.py or article.py said; None where SAID has no line for it."""
    if english in SAID:
        return SAID[english]
    if not SAID_AS:
        SAID_AS.extend(sorted(((compiled(k), v) for k, v in SAID.items() if set(k) & set('#@*')),
                              key=lambda pair: (pair[0].pattern.count('(.+)'),
                                                -len(pair[0].pattern))))
    for pattern, chinese in SAID_AS:
        found = pattern.match(english)
        if found:
            return filled(chinese, found.groups())
    if '; ' in english:
        parts = [translation(part) for part in english.split('; ')]
        return None if None in parts else '；'.join(parts)
    if not re.search('[A-Za-z]{3}', english) or re.match(r'[\w./*-]+\Z', english):
        return english      # numbers, hashes, names of files: the same in both languages
    return None


def filled(chinese, found):
    if '{' in chinese:
        return chinese.format(*found)
    found = iter(found)
    return ''.join(next(found) if part in WILD else part
                   for part in re.split(r'(gap_\*\.h5|[#@*])', chinese))


# ------------------------------------------------------------------ what templates and figures use

def pair(key):
    """(English, Chinese) of a key.  KeyError for one that is not there."""
    return TEXTS[key]


def languages(english, chinese):
    """Markup with both; page.css shows one of them."""
    return jinja2.Markup('<span lang="en">%s</span><span lang="zh-CN">%s</span>'
                         % (english, chinese))


def html(key, **values):
    """The text in both languages as markup; values are escaped, and formatted as the text says."""
    english, chinese = (jinja2.Markup(text).format(**values) for text in pair(key))
    return languages(english, chinese)


def both(key, **values):
    """The text in both languages for an attribute: English ｜ Chinese, without markup."""
    return BOTH.join(jinja2.Markup(text).format(**values).striptags() for text in pair(key))


def said(english):
    """What verify.py or article.py said, in both languages where SAID has it."""
    chinese = translation(english)
    if chinese is None or chinese == english:
        return jinja2.Markup('<span%s>%s</span>') % (
            jinja2.Markup(' lang="en" class="as-is"' if chinese is None else ''), english)
    return languages(*(jinja2.escape(text) for text in (english, chinese)))
