<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN">
<context>
    <name>AboutSheet</name>
    <message>
        <source>Shows automatic differentiation at work, number by number.</source>
        <translation>逐个数字地展示自动求导的过程。</translation>
    </message>
    <message>
        <source>MIT licence. Qt is used under the LGPL.</source>
        <translation>MIT 许可证。Qt 按 LGPL 使用。</translation>
    </message>
</context>
<context>
    <name>ArrayExport</name>
    <message>
        <source>{0} numbers are too many to be copied as text: save them as .npy (right click)</source>
        <translation>{0} 个数太多，不宜复制为文本：请另存为 .npy（右键菜单）</translation>
    </message>
    <message>
        <source>Copied as NumPy: {0} {1}</source>
        <translation>已复制为 NumPy：{0} {1}</translation>
    </message>
    <message>
        <source>NumPy array (*.npy)</source>
        <translation>NumPy 数组 (*.npy)</translation>
    </message>
    <message>
        <source>{0} was not written: {1}</source>
        <translation>未能写入 {0}：{1}</translation>
    </message>
    <message>
        <source>{0} written</source>
        <translation>已写入 {0}</translation>
    </message>
    <message>
        <source>These numbers cannot leave the program ({0}): use np.save in the program itself</source>
        <translation>这些数据太大，无法从程序中取出（{0}）：请在程序里用 np.save</translation>
    </message>
    <message>
        <source>There are no numbers here at this moment</source>
        <translation>此刻这里没有数据</translation>
    </message>
    <message>
        <source>Copy as NumPy</source>
        <translation>复制为 NumPy</translation>
    </message>
    <message>
        <source>Save as .npy…</source>
        <translation>另存为 .npy…</translation>
    </message>
</context>
<context>
    <name>ArrayTable</name>
    <message>
        <source>Numbers</source>
        <translation>数值</translation>
    </message>
    <message>
        <source>page of rows</source>
        <translation>行的页</translation>
    </message>
    <message>
        <source>page of columns</source>
        <translation>列的页</translation>
    </message>
</context>
<context>
    <name>ArrayView</name>
    <message>
        <source>This array has no elements.</source>
        <translation>这个数组没有元素。</translation>
    </message>
    <message>
        <source>Waiting for the numbers…</source>
        <translation>正在等待数据…</translation>
    </message>
    <message>
        <source>The program has ended, and its numbers with it. Press F5 to run it again.</source>
        <translation>程序已结束，数据也随之释放。按 F5 重新运行。</translation>
    </message>
    <message>
        <source>mean of {0}</source>
        <translation>{0} 个元素的均值</translation>
    </message>
    <message>
        <source>{0} NaN</source>
        <translation>{0} 个 NaN</translation>
    </message>
    <message>
        <source>{0} Inf</source>
        <translation>{0} 个 Inf</translation>
    </message>
    <message>
        <source>a cell is the mean of {0}</source>
        <translation>每格为 {0} 个元素的均值</translation>
    </message>
    <message>
        <source>Heat map</source>
        <translation>热图</translation>
    </message>
    <message>
        <source>Histogram</source>
        <translation>直方图</translation>
    </message>
</context>
<context>
    <name>AxisSliders</name>
    <message>
        <source>axis {0}</source>
        <translation>轴 {0}</translation>
    </message>
</context>
<context>
    <name>BackwardPage</name>
    <message>
        <source>backward of {0}</source>
        <translation>{0} 的反向</translation>
    </message>
    <message>
        <source>Gradient in</source>
        <translation>传入的梯度</translation>
    </message>
    <message>
        <source>It comes from</source>
        <translation>来自</translation>
    </message>
    <message>
        <source>Next functions</source>
        <translation>后续函数</translation>
    </message>
    <message>
        <source>Saved for backward</source>
        <translation>为反向传播保存</translation>
    </message>
    <message>
        <source>{0} of {1}</source>
        <translation>{0}（{1}）</translation>
    </message>
    <message>
        <source>not yet</source>
        <translation>尚未</translation>
    </message>
    <message>
        <source>Backward node</source>
        <translation>反向节点</translation>
    </message>
</context>
<context>
    <name>BranchBar</name>
    <message>
        <source>✓ compared</source>
        <translation>✓ 比较中</translation>
    </message>
    <message>
        <source>compare</source>
        <translation>比较</translation>
    </message>
    <message>
        <source>Compare the shown branch with {0}</source>
        <translation>将显示的分支与 {0} 比较</translation>
    </message>
    <message>
        <source>Drop {0}</source>
        <translation>丢弃 {0}</translation>
    </message>
    <message>
        <source>Drop {0}?</source>
        <translation>丢弃 {0}？</translation>
    </message>
    <message>
        <source>Name of the branch</source>
        <translation>分支的名称</translation>
    </message>
    <message>
        <source>Drop</source>
        <translation>丢弃</translation>
    </message>
    <message>
        <source>Keep</source>
        <translation>保留</translation>
    </message>
    <message>
        <source>It has failed: Problems says why.</source>
        <translation>它失败了：原因见“问题”。</translation>
    </message>
    <message>
        <source>from step {0}: {1}</source>
        <translation>从第 {0} 步起：{1}</translation>
    </message>
    <message>
        <source>Click to show it, double click to rename it</source>
        <translation>单击显示，双击重命名</translation>
    </message>
</context>
<context>
    <name>Branches</name>
    <message>
        <source>main</source>
        <translation>主线</translation>
    </message>
    <message>
        <source>experiment</source>
        <translation>实验</translation>
    </message>
</context>
<context>
    <name>BreakRow</name>
    <message>
        <source>Break when</source>
        <translation>中断条件</translation>
    </message>
    <message>
        <source>condition</source>
        <translation>条件</translation>
    </message>
    <message>
        <source>Choose or write a condition that stops the run (Ctrl+F9)</source>
        <translation>选择或编写让运行停下的条件（Ctrl+F9）</translation>
    </message>
</context>
<context>
    <name>Breakpoints</name>
    <message>
        <source>NaN or Inf</source>
        <translation>NaN 或 Inf</translation>
    </message>
    <message>
        <source>‖grad‖ &gt; {0}</source>
        <translation>‖梯度‖ &gt; {0}</translation>
    </message>
    <message>
        <source>‖weight‖ &gt; {0}</source>
        <translation>‖权重‖ &gt; {0}</translation>
    </message>
    <message>
        <source>‖activation‖ &gt; {0}</source>
        <translation>‖激活‖ &gt; {0}</translation>
    </message>
    <message>
        <source>loss rises × {0}</source>
        <translation>损失升高 × {0}</translation>
    </message>
    <message>
        <source>dead ReLU &gt; {0} %</source>
        <translation>死 ReLU &gt; {0} %</translation>
    </message>
    <message>
        <source>update / weight &gt; {0}</source>
        <translation>更新 / 权重 &gt; {0}</translation>
    </message>
    <message>
        <source>update / weight &lt; {0}</source>
        <translation>更新 / 权重 &lt; {0}</translation>
    </message>
    <message>
        <source>at {0}</source>
        <translation>在 {0}</translation>
    </message>
    <message>
        <source>iteration {0}: {1}</source>
        <translation>第 {0} 次迭代：{1}</translation>
    </message>
    <message>
        <source>Breakpoint: {0}</source>
        <translation>断点：{0}</translation>
    </message>
    <message>
        <source>{0}, line {1}</source>
        <translation>{0}，第 {1} 行</translation>
    </message>
    <message>
        <source>{0} at {1}</source>
        <translation>{0}，位于 {1}</translation>
    </message>
</context>
<context>
    <name>CheckRow</name>
    <message>
        <source>Computing…</source>
        <translation>正在计算…</translation>
    </message>
    <message>
        <source>None of its inputs needs a gradient.</source>
        <translation>它的输入都不需要梯度。</translation>
    </message>
    <message>
        <source>✓ ∂L/∂{0} agrees with finite differences ({1} elements)</source>
        <translation>✓ ∂L/∂{0} 与有限差分一致（{1} 个元素）</translation>
    </message>
    <message>
        <source>; {0} of them at a kink, where several slopes are right</source>
        <translation>；其中 {0} 个在折点上，那里多个斜率都算对</translation>
    </message>
    <message>
        <source>– ∂L/∂{0} was not judged: {1}</source>
        <translation>– 没有评判 ∂L/∂{0}：{1}</translation>
    </message>
    <message>
        <source>≈ ∂L/∂{0} is not the derivative: {1}</source>
        <translation>≈ ∂L/∂{0} 不是导数：{1}</translation>
    </message>
    <message>
        <source>✗ ∂L/∂{0} cannot be computed: {1}</source>
        <translation>✗ 无法计算 ∂L/∂{0}：{1}</translation>
    </message>
    <message>
        <source>✗ ∂L/∂{0} is wrong: {1}</source>
        <translation>✗ ∂L/∂{0} 不对：{1}</translation>
    </message>
    <message>
        <source>✗ ∂L/∂{0} is wrong. For random gradients of the output:</source>
        <translation>✗ ∂L/∂{0} 是错的。对输出取随机梯度时：</translation>
    </message>
    <message>
        <source>   {0}: expected {1}, found {2}</source>
        <translation>   {0}：应为 {1}，实为 {2}</translation>
    </message>
    <message>
        <source>Check this backward</source>
        <translation>检查这个 backward</translation>
    </message>
    <message>
        <source>Compare with finite differences: each input is moved a little, in float64</source>
        <translation>与有限差分比较：在 float64 下把每个输入移动一点点</translation>
    </message>
    <message>
        <source>Result of the check</source>
        <translation>检查结果</translation>
    </message>
</context>
<context>
    <name>Chip</name>
    <message>
        <source>Edit condition…</source>
        <translation>编辑条件…</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>Break when {0}</source>
        <translation>中断条件：{0}</translation>
    </message>
    <message>
        <source>Stops the run where {0}
Double-click or F2 edits the condition, Del removes it</source>
        <translation>满足以下条件时停止运行：{0}
双击或按 F2 编辑条件，按 Del 移除</translation>
    </message>
    <message>
        <source>Bound of {0}</source>
        <translation>{0} 的界限</translation>
    </message>
    <message>
        <source>Type another number; ↑ and ↓ make it larger and smaller</source>
        <translation>输入别的数字；↑ 和 ↓ 调大、调小</translation>
    </message>
    <message>
        <source>Remove {0}</source>
        <translation>移除 {0}</translation>
    </message>
</context>
<context>
    <name>ClosedTabs</name>
    <message>
        <source>{0} closed; its unsaved text is kept</source>
        <translation>{0} 已关闭，其未保存的内容已保留</translation>
    </message>
    <message>
        <source>Undo close</source>
        <translation>撤销关闭</translation>
    </message>
    <message>
        <source>Discard</source>
        <translation>丢弃</translation>
    </message>
</context>
<context>
    <name>CodeEditor</name>
    <message>
        <source>Program text</source>
        <translation>程序文本</translation>
    </message>
    <message>
        <source>Press Esc, then Tab, to leave the text</source>
        <translation>先按 Esc 再按 Tab 可离开文本</translation>
    </message>
</context>
<context>
    <name>Commands</name>
    <message>
        <source>File</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>New</source>
        <translation>新建</translation>
    </message>
    <message>
        <source>Start an empty program in a new tab</source>
        <translation>在新标签页中新建空程序</translation>
    </message>
    <message>
        <source>Open…</source>
        <translation>打开…</translation>
    </message>
    <message>
        <source>Open recent</source>
        <translation>最近打开</translation>
    </message>
    <message>
        <source>Examples</source>
        <translation>示例</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>Write the text to its file</source>
        <translation>把文本写入文件</translation>
    </message>
    <message>
        <source>Save as…</source>
        <translation>另存为…</translation>
    </message>
    <message>
        <source>Write the text to another file</source>
        <translation>把文本写入另一个文件</translation>
    </message>
    <message>
        <source>Close tab</source>
        <translation>关闭标签页</translation>
    </message>
    <message>
        <source>Close the tab; it can be opened again</source>
        <translation>关闭标签页，之后仍可恢复</translation>
    </message>
    <message>
        <source>Reopen closed tab</source>
        <translation>恢复关闭的标签页</translation>
    </message>
    <message>
        <source>Bring back the tab that was closed last, with its text</source>
        <translation>恢复最近关闭的标签页及其文本</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>导出</translation>
    </message>
    <message>
        <source>Picture of the graph…</source>
        <translation>计算图图片…</translation>
    </message>
    <message>
        <source>Save the whole graph as SVG, PDF or PNG</source>
        <translation>把整张计算图保存为 SVG、PDF 或 PNG</translation>
    </message>
    <message>
        <source>Picture of the window…</source>
        <translation>窗口图片…</translation>
    </message>
    <message>
        <source>Save the window as it looks now as PNG</source>
        <translation>把窗口当前的样子保存为 PNG</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>退出</translation>
    </message>
    <message>
        <source>Close gradviz; texts that are not saved are offered again</source>
        <translation>关闭 gradviz；未保存的文本下次会再次提供</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>运行</translation>
    </message>
    <message>
        <source>Run the text in the editor from its beginning</source>
        <translation>从头运行编辑器中的文本</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>End the program; what was recorded stays on view</source>
        <translation>结束程序；已记录的内容仍可查看</translation>
    </message>
    <message>
        <source>Play or pause</source>
        <translation>播放或暂停</translation>
    </message>
    <message>
        <source>Play from here, or pause</source>
        <translation>从当前位置播放，或暂停</translation>
    </message>
    <message>
        <source>Step forward</source>
        <translation>单步前进</translation>
    </message>
    <message>
        <source>One step forward, as long as the grain says</source>
        <translation>前进一步，步长由粒度决定</translation>
    </message>
    <message>
        <source>Step back</source>
        <translation>单步后退</translation>
    </message>
    <message>
        <source>Next phase</source>
        <translation>下一阶段</translation>
    </message>
    <message>
        <source>To the end of forward, backward or update</source>
        <translation>到前向、反向或更新阶段的末尾</translation>
    </message>
    <message>
        <source>Previous phase</source>
        <translation>上一阶段</translation>
    </message>
    <message>
        <source>Back to the end of the phase before</source>
        <translation>回到上一阶段的末尾</translation>
    </message>
    <message>
        <source>Next iteration</source>
        <translation>下一次迭代</translation>
    </message>
    <message>
        <source>Train on the next batch and show it</source>
        <translation>用下一个批次训练并显示</translation>
    </message>
    <message>
        <source>First</source>
        <translation>开头</translation>
    </message>
    <message>
        <source>Last</source>
        <translation>末尾</translation>
    </message>
    <message>
        <source>One step back, as long as the grain says</source>
        <translation>按所选粒度后退一步</translation>
    </message>
    <message>
        <source>Open a program, a loss snippet or a recorded run</source>
        <translation>打开程序、损失函数片段或已记录的运行</translation>
    </message>
    <message>
        <source>Save run…</source>
        <translation>保存运行…</translation>
    </message>
    <message>
        <source>Write the run into a file that can be walked on any machine without running anything</source>
        <translation>把这次运行写入文件；在任何机器上都能逐步查看，而无需运行任何代码</translation>
    </message>
    <message>
        <source>Edit</source>
        <translation>编辑</translation>
    </message>
    <message>
        <source>Complete name</source>
        <translation>补全名称</translation>
    </message>
    <message>
        <source>List the names that can stand at the caret</source>
        <translation>列出光标处可用的名称</translation>
    </message>
    <message>
        <source>Show parameters</source>
        <translation>显示参数</translation>
    </message>
    <message>
        <source>Show the parameters of the call around the caret</source>
        <translation>显示光标所在调用的参数</translation>
    </message>
    <message>
        <source>What is this name?</source>
        <translation>这个名称是什么？</translation>
    </message>
    <message>
        <source>Say what the name at the caret is, with its formula and backward</source>
        <translation>说明光标处的名称，连同其公式与反向规则</translation>
    </message>
    <message>
        <source>Run with another seed</source>
        <translation>换一个随机种子运行</translation>
    </message>
    <message>
        <source>Run from the beginning with other random numbers</source>
        <translation>用另一组随机数从头运行</translation>
    </message>
    <message>
        <source>Live loss</source>
        <translation>实时损失</translation>
    </message>
    <message>
        <source>Compute a loss snippet on one batch whenever you stop typing, and show its graph</source>
        <translation>停止输入时，在一个批次上计算损失片段并显示其计算图</translation>
    </message>
    <message>
        <source>Step over</source>
        <translation>单步跳过</translation>
    </message>
    <message>
        <source>One operation forward, or all of a layer or of a closed box</source>
        <translation>前进一个算子；遇到一层或已折叠的方框则整体前进</translation>
    </message>
    <message>
        <source>Step back over</source>
        <translation>反向跳过</translation>
    </message>
    <message>
        <source>One operation back, or all of a layer or of a closed box</source>
        <translation>后退一个算子；遇到一层或已折叠的方框则整体后退</translation>
    </message>
    <message>
        <source>Step out</source>
        <translation>跳出模块</translation>
    </message>
    <message>
        <source>Forward to the end of the module around this operation</source>
        <translation>前进到此算子所在模块的末尾</translation>
    </message>
    <message>
        <source>Step back out</source>
        <translation>反向跳出模块</translation>
    </message>
    <message>
        <source>Back to before the module around this operation</source>
        <translation>后退到此算子所在模块之前</translation>
    </message>
    <message>
        <source>Previous iteration</source>
        <translation>上一次迭代</translation>
    </message>
    <message>
        <source>Back to the end of the iteration before</source>
        <translation>回到上一次迭代的结尾</translation>
    </message>
    <message>
        <source>Before the first operation of the run</source>
        <translation>到整个运行的第一个算子之前</translation>
    </message>
    <message>
        <source>To the last operation that has run</source>
        <translation>到已运行的最后一个算子</translation>
    </message>
    <message>
        <source>Check gradients</source>
        <translation>检查梯度</translation>
    </message>
    <message>
        <source>Compare the backward of every operation of this iteration with finite differences</source>
        <translation>把这次迭代中每个运算的反向传播与有限差分对照</translation>
    </message>
    <message>
        <source>Fork here</source>
        <translation>从此处分叉</translation>
    </message>
    <message>
        <source>Change something at this moment and go on as a second branch of the run</source>
        <translation>在此刻改动一点东西，作为运行的第二条分支继续</translation>
    </message>
    <message>
        <source>Swap branches</source>
        <translation>交换分支</translation>
    </message>
    <message>
        <source>Show the branch that is compared, at the same moment</source>
        <translation>在同一时刻显示被比较的分支</translation>
    </message>
    <message>
        <source>Grain</source>
        <translation>粒度</translation>
    </message>
    <message>
        <source>Op</source>
        <translation>算子</translation>
    </message>
    <message>
        <source>A step is one operation</source>
        <translation>一步为一个算子</translation>
    </message>
    <message>
        <source>Phase</source>
        <translation>阶段</translation>
    </message>
    <message>
        <source>A step is a forward pass, a backward pass or an update</source>
        <translation>一步为一次前向传播、反向传播或参数更新</translation>
    </message>
    <message>
        <source>Step</source>
        <translation>迭代</translation>
    </message>
    <message>
        <source>A step is a whole iteration: one batch</source>
        <translation>一步为一次完整迭代，即一个批次</translation>
    </message>
    <message>
        <source>Epoch</source>
        <translation>轮次</translation>
    </message>
    <message>
        <source>A step goes on to the next epoch</source>
        <translation>一步前进到下一轮（epoch）</translation>
    </message>
    <message>
        <source>Slower</source>
        <translation>减速</translation>
    </message>
    <message>
        <source>Fewer steps a second</source>
        <translation>降低每秒步数</translation>
    </message>
    <message>
        <source>Faster</source>
        <translation>加速</translation>
    </message>
    <message>
        <source>More steps a second; the fastest is live training</source>
        <translation>提高每秒步数；最快为实时训练</translation>
    </message>
    <message>
        <source>Training data</source>
        <translation>训练数据</translation>
    </message>
    <message>
        <source>MNIST sample</source>
        <translation>MNIST 样本</translation>
    </message>
    <message>
        <source>Train on the digits that come with gradviz, from the next run on</source>
        <translation>从下次运行起使用 gradviz 自带的手写数字训练</translation>
    </message>
    <message>
        <source>Folder of IDX files…</source>
        <translation>IDX 文件夹…</translation>
    </message>
    <message>
        <source>Train on a folder of IDX files, from the next run on</source>
        <translation>从下次运行起使用文件夹中的 IDX 文件训练</translation>
    </message>
    <message>
        <source>Memory for going back</source>
        <translation>回溯用的内存</translation>
    </message>
    <message>
        <source>All checkpoints of a run together take no more; from the next run on</source>
        <translation>一次运行的所有检查点合计不超过此值；从下一次运行起生效</translation>
    </message>
    <message>
        <source>Breakpoints</source>
        <translation>断点</translation>
    </message>
    <message>
        <source>Continue</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Run to where a breakpoint hits next</source>
        <translation>运行到下一次断点命中处</translation>
    </message>
    <message>
        <source>Reverse continue</source>
        <translation>反向继续</translation>
    </message>
    <message>
        <source>Run back to where a breakpoint hit last</source>
        <translation>回到上一次断点命中处</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Undo the experiment; stop searching for a hit, or going to another step</source>
        <translation>撤销实验；停止查找命中，或停止前往另一步</translation>
    </message>
    <message>
        <source>Breakpoint here</source>
        <translation>在此设断点</translation>
    </message>
    <message>
        <source>Set or remove a breakpoint at the editor&apos;s line, or at the graph&apos;s selected node</source>
        <translation>在编辑器的当前行，或在图中选中的节点上，设置或移除断点</translation>
    </message>
    <message>
        <source>Break when…</source>
        <translation>中断条件…</translation>
    </message>
    <message>
        <source>Choose or write a condition that stops the run</source>
        <translation>选择或编写让运行停下的条件</translation>
    </message>
    <message>
        <source>Where did the NaN come from?</source>
        <translation>NaN 从哪里来？</translation>
    </message>
    <message>
        <source>Follow the numbers of the selected node back to where they stopped being finite</source>
        <translation>沿选中节点的数值往回追溯，直到它们不再有限之处</translation>
    </message>
    <message>
        <source>View</source>
        <translation>视图</translation>
    </message>
    <message>
        <source>Fit graph</source>
        <translation>适应窗口</translation>
    </message>
    <message>
        <source>Show the whole graph</source>
        <translation>显示整张计算图</translation>
    </message>
    <message>
        <source>Actual size</source>
        <translation>实际大小</translation>
    </message>
    <message>
        <source>Show the graph at 100 %</source>
        <translation>以 100 % 显示计算图</translation>
    </message>
    <message>
        <source>Turn the graph</source>
        <translation>转动图形</translation>
    </message>
    <message>
        <source>Let data flow from top to bottom, or again from left to right</source>
        <translation>让数据从上往下流动，或恢复从左往右</translation>
    </message>
    <message>
        <source>Places on the graph</source>
        <translation>图中的位置</translation>
    </message>
    <message>
        <source>Move left</source>
        <translation>左移</translation>
    </message>
    <message>
        <source>Move the selected node or box, and pin it there</source>
        <translation>移动所选节点或方框，并固定在那里</translation>
    </message>
    <message>
        <source>Move right</source>
        <translation>右移</translation>
    </message>
    <message>
        <source>Move up</source>
        <translation>上移</translation>
    </message>
    <message>
        <source>Move down</source>
        <translation>下移</translation>
    </message>
    <message>
        <source>Unpin</source>
        <translation>取消固定</translation>
    </message>
    <message>
        <source>Let the selected node or box go back to its place</source>
        <translation>让所选节点或方框回到原处</translation>
    </message>
    <message>
        <source>Unpin all</source>
        <translation>全部取消固定</translation>
    </message>
    <message>
        <source>Let all that was moved go back to its place</source>
        <translation>让移动过的一切都回到原处</translation>
    </message>
    <message>
        <source>Find node</source>
        <translation>查找节点</translation>
    </message>
    <message>
        <source>Find an operation or a parameter on the graph</source>
        <translation>在计算图上查找算子或参数</translation>
    </message>
    <message>
        <source>Focus</source>
        <translation>聚焦</translation>
    </message>
    <message>
        <source>Only what reaches the loss</source>
        <translation>只看通向损失的部分</translation>
    </message>
    <message>
        <source>Let all that no loss is computed from step back</source>
        <translation>淡化所有不参与计算损失的部分</translation>
    </message>
    <message>
        <source>Ancestors</source>
        <translation>祖先</translation>
    </message>
    <message>
        <source>Show what the selected node is computed from</source>
        <translation>显示所选节点由哪些节点计算而来</translation>
    </message>
    <message>
        <source>Descendants</source>
        <translation>后代</translation>
    </message>
    <message>
        <source>Show what is computed from the selected node</source>
        <translation>显示由所选节点计算出的节点</translation>
    </message>
    <message>
        <source>Paths between two nodes</source>
        <translation>两个节点之间的路径</translation>
    </message>
    <message>
        <source>Show all ways from one node to another: select the one, P, select the other, P. Or select the one, and choose this in the other&apos;s context menu</source>
        <translation>显示一个节点到另一个节点的所有路径：选中一个，按 P，再选中另一个，按 P；或选中一个，在另一个的右键菜单中选择此项</translation>
    </message>
    <message>
        <source>Show everything</source>
        <translation>显示全部</translation>
    </message>
    <message>
        <source>End the focus; Esc does so on the graph</source>
        <translation>结束聚焦；在计算图上按 Esc 也可以</translation>
    </message>
    <message>
        <source>Overlay</source>
        <translation>叠加显示</translation>
    </message>
    <message>
        <source>Values</source>
        <translation>数值</translation>
    </message>
    <message>
        <source>Nothing is laid over the graph&apos;s values</source>
        <translation>图上只显示数值，不叠加其他内容</translation>
    </message>
    <message>
        <source>Gradient flow</source>
        <translation>梯度流</translation>
    </message>
    <message>
        <source>How large gradients are, and of which sign</source>
        <translation>梯度有多大，符号如何</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>内存</translation>
    </message>
    <message>
        <source>How many bytes are computed and saved for backward</source>
        <translation>计算结果以及为反向传播保存的数据占多少字节</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>用时</translation>
    </message>
    <message>
        <source>How long forward and backward of each operation took</source>
        <translation>每个运算的前向和反向各用了多长时间</translation>
    </message>
    <message>
        <source>Dead or saturated</source>
        <translation>失活或饱和</translation>
    </message>
    <message>
        <source>Which share of an activation&apos;s units passes no gradient on</source>
        <translation>激活中有多大比例的单元不再传递梯度</translation>
    </message>
    <message>
        <source>Change</source>
        <translation>变化</translation>
    </message>
    <message>
        <source>How much values have changed since the step before</source>
        <translation>数值与上一步相比变化了多少</translation>
    </message>
    <message>
        <source>Next overlay</source>
        <translation>下一种叠加显示</translation>
    </message>
    <message>
        <source>Lay the next thing over the graph</source>
        <translation>在图上叠加下一种内容</translation>
    </message>
    <message>
        <source>Backward graph</source>
        <translation>反向图</translation>
    </message>
    <message>
        <source>Show the nodes of the backward graph by torch&apos;s names, each with its forward node</source>
        <translation>用 torch 的名称显示反向图的节点，每个都与其前向节点放在一起</translation>
    </message>
    <message>
        <source>Differences</source>
        <translation>差异</translation>
    </message>
    <message>
        <source>Show on the graph how far the compared branches differ</source>
        <translation>在图上显示两条分支相差多少</translation>
    </message>
    <message>
        <source>Go to editor or graph</source>
        <translation>切换到编辑器或计算图</translation>
    </message>
    <message>
        <source>Move the keyboard between the editor and the graph</source>
        <translation>在编辑器与计算图之间切换键盘焦点</translation>
    </message>
    <message>
        <source>Editor</source>
        <translation>编辑器</translation>
    </message>
    <message>
        <source>Show or hide the editor</source>
        <translation>显示或隐藏编辑器</translation>
    </message>
    <message>
        <source>Problems, console, outline</source>
        <translation>问题、控制台、大纲</translation>
    </message>
    <message>
        <source>Show or hide problems, console and outline</source>
        <translation>显示或隐藏问题、控制台和大纲</translation>
    </message>
    <message>
        <source>Inspector</source>
        <translation>检查器</translation>
    </message>
    <message>
        <source>Show or hide the inspector</source>
        <translation>显示或隐藏检查器</translation>
    </message>
    <message>
        <source>Timeline</source>
        <translation>时间线</translation>
    </message>
    <message>
        <source>Show or hide the timeline</source>
        <translation>显示或隐藏时间线</translation>
    </message>
    <message>
        <source>Plots</source>
        <translation>曲线</translation>
    </message>
    <message>
        <source>Show or hide the plots</source>
        <translation>显示或隐藏曲线</translation>
    </message>
    <message>
        <source>Lock panels</source>
        <translation>锁定面板</translation>
    </message>
    <message>
        <source>Without the lock panels have titles to drag them by</source>
        <translation>解除锁定后，面板带有可拖动的标题栏</translation>
    </message>
    <message>
        <source>Reset layout</source>
        <translation>重置布局</translation>
    </message>
    <message>
        <source>Put all panels back where they were at first</source>
        <translation>把所有面板恢复到初始位置</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>主题</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>深色</translation>
    </message>
    <message>
        <source>Light text on a dark ground</source>
        <translation>深色背景，浅色文字</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>浅色</translation>
    </message>
    <message>
        <source>Dark text on a light ground</source>
        <translation>浅色背景，深色文字</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>Reduce motion</source>
        <translation>减少动画</translation>
    </message>
    <message>
        <source>Mark what runs instead of moving it</source>
        <translation>只标记正在运行的部分，不做动画</translation>
    </message>
    <message>
        <source>Help</source>
        <translation>帮助</translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>键盘快捷键</translation>
    </message>
    <message>
        <source>Show all shortcuts</source>
        <translation>显示所有快捷键</translation>
    </message>
    <message>
        <source>All commands</source>
        <translation>所有命令</translation>
    </message>
    <message>
        <source>Open the menu of everything gradviz can do</source>
        <translation>打开包含全部功能的菜单</translation>
    </message>
    <message>
        <source>About gradviz</source>
        <translation>关于 gradviz</translation>
    </message>
    <message>
        <source>Version, licence and libraries</source>
        <translation>版本、许可证与所用的库</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>暂停</translation>
    </message>
    <message>
        <source>Play</source>
        <translation>播放</translation>
    </message>
</context>
<context>
    <name>CompletionList</name>
    <message>
        <source>Names that can stand here</source>
        <translation>此处可用的名称</translation>
    </message>
    <message>
        <source>function</source>
        <translation>函数</translation>
    </message>
    <message>
        <source>class</source>
        <translation>类</translation>
    </message>
    <message>
        <source>module</source>
        <translation>模块</translation>
    </message>
    <message>
        <source>keyword</source>
        <translation>关键字</translation>
    </message>
    <message>
        <source>variable</source>
        <translation>变量</translation>
    </message>
</context>
<context>
    <name>ConditionField</name>
    <message>
        <source>Press Enter to stop the run where this is true</source>
        <translation>按回车，运行将在此条件成立处停下</translation>
    </message>
    <message>
        <source>Condition</source>
        <translation>条件</translation>
    </message>
    <message>
        <source>Choose one, or write your own: {0}</source>
        <translation>选择一个，或自己编写：{0}</translation>
    </message>
    <message>
        <source>What can come next</source>
        <translation>接下来可以写的</translation>
    </message>
</context>
<context>
    <name>ConditionFlyout</name>
    <message>
        <source>Change the condition</source>
        <translation>修改条件</translation>
    </message>
    <message>
        <source>Break when …</source>
        <translation>满足以下条件时中断…</translation>
    </message>
</context>
<context>
    <name>ConsoleView</name>
    <message>
        <source>print() output appears here</source>
        <translation>print() 的输出显示在这里</translation>
    </message>
    <message>
        <source>Console</source>
        <translation>控制台</translation>
    </message>
</context>
<context>
    <name>CurvePlot</name>
    <message>
        <source>▲ up to {0}</source>
        <translation>▲ 最大 {0}</translation>
    </message>
    <message>
        <source>step {0}:</source>
        <translation>第 {0} 步：</translation>
    </message>
</context>
<context>
    <name>DifferencePage</name>
    <message>
        <source>Arrays of different shapes cannot be subtracted.</source>
        <translation>形状不同的数组无法相减。</translation>
    </message>
    <message>
        <source>The same in both branches, bit for bit.</source>
        <translation>两条分支逐位相同。</translation>
    </message>
    <message>
        <source>The shapes differ.</source>
        <translation>形状不同。</translation>
    </message>
    <message>
        <source>{0} elements are NaN or infinite in only one of the branches.</source>
        <translation>有 {0} 个元素只在其中一条分支里是 NaN 或无穷大。</translation>
    </message>
    <message>
        <source>Equal numbers, but not the same bits.</source>
        <translation>数值相等，但二进制位不同。</translation>
    </message>
    <message>
        <source>Differs by {0} of ‖{1}‖.</source>
        <translation>相差 ‖{1}‖ 的 {0}。</translation>
    </message>
    <message>
        <source>{0} does not stand at this step.</source>
        <translation>{0} 不在这一步。</translation>
    </message>
    <message>
        <source>{0} has no such operation.</source>
        <translation>{0} 没有这个操作。</translation>
    </message>
    <message>
        <source>Not computed yet in both branches.</source>
        <translation>两条分支中尚未都算出。</translation>
    </message>
    <message>
        <source>{0} is too large to be compared element by element ({1}).</source>
        <translation>{0} 太大，无法逐元素比较（{1}）。</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>值</translation>
    </message>
    <message>
        <source>Gradient</source>
        <translation>梯度</translation>
    </message>
    <message>
        <source>After update</source>
        <translation>更新后</translation>
    </message>
</context>
<context>
    <name>Differences</name>
    <message>
        <source>same</source>
        <translation>相同</translation>
    </message>
    <message>
        <source>other shape</source>
        <translation>形状不同</translation>
    </message>
    <message>
        <source>other step</source>
        <translation>不在此步</translation>
    </message>
    <message>
        <source>only here</source>
        <translation>仅此处有</translation>
    </message>
    <message>
        <source>not yet</source>
        <translation>尚无</translation>
    </message>
    <message>
        <source>too large</source>
        <translation>太大</translation>
    </message>
</context>
<context>
    <name>EditChip</name>
    <message>
        <source>Take this change back: {0}</source>
        <translation>撤回此改动：{0}</translation>
    </message>
</context>
<context>
    <name>EditorPanel</name>
    <message>
        <source>{0} mixes line endings: it will be saved with {1}</source>
        <translation>{0} 混用了换行符：将以 {1} 保存</translation>
    </message>
    <message>
        <source>{0} is not UTF-8: read, and will be saved, as {1}</source>
        <translation>{0} 不是 UTF-8 编码：已按 {1} 读取，保存时也用 {1}</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>{0} is not open, and there is no such file</source>
        <translation>{0} 没有打开，也没有这个文件</translation>
    </message>
    <message>
        <source>Unsaved texts recovered: {0}</source>
        <translation>已恢复未保存的文本：{0} 个</translation>
    </message>
    <message>
        <source>Save as</source>
        <translation>另存为</translation>
    </message>
    <message>
        <source>{0} saved</source>
        <translation>{0} 已保存</translation>
    </message>
    <message>
        <source>Programs and runs (*.py *.gvtrace);;All files (*)</source>
        <translation>程序和运行 (*.py *.gvtrace);;所有文件 (*)</translation>
    </message>
</context>
<context>
    <name>Edits</name>
    <message>
        <source>lr {0}</source>
        <translation>学习率 {0}</translation>
    </message>
    <message>
        <source>loss {0}</source>
        <translation>损失 {0}</translation>
    </message>
    <message>
        <source>sample {0}{1} = {2}</source>
        <translation>样本 {0}{1} = {2}</translation>
    </message>
    <message>
        <source>label of sample {0}: {1}</source>
        <translation>样本 {0} 的标签：{1}</translation>
    </message>
</context>
<context>
    <name>ElementEditor</name>
    <message>
        <source>There is no such element. The shape is {0}.</source>
        <translation>没有这个元素。形状为 {0}。</translation>
    </message>
    <message>
        <source>Index of the element</source>
        <translation>元素的索引</translation>
    </message>
    <message>
        <source>New value of the element</source>
        <translation>元素的新值</translation>
    </message>
    <message>
        <source>try a number</source>
        <translation>试一个数</translation>
    </message>
    <message>
        <source>All that follows is computed anew with this number, as an experiment</source>
        <translation>用这个数重新计算其后的一切，作为实验</translation>
    </message>
    <message>
        <source>Undo (Esc)</source>
        <translation>撤销 (Esc)</translation>
    </message>
    <message>
        <source>No experiment is possible: this program cannot be copied here, because it computes on a GPU or in several threads, or the system cannot do it. Change the number in a fork, where that is offered: then the program runs again from its beginning.</source>
        <translation>无法做实验：程序在 GPU 上或用多个线程计算，或者系统不支持，因此这里不能复制它。可以的话请在分叉中更改这个数：那样程序会从头再运行一遍。</translation>
    </message>
    <message>
        <source>Change in a fork</source>
        <translation>在分叉中改动</translation>
    </message>
</context>
<context>
    <name>ExperimentBar</name>
    <message>
        <source>loss {0} → {1}</source>
        <translation>损失 {0} → {1}</translation>
    </message>
    <message>
        <source>Experiment</source>
        <translation>实验</translation>
    </message>
    <message>
        <source>Keep (B)</source>
        <translation>保留 (B)</translation>
    </message>
    <message>
        <source>Go on from this step with the number as it is now, as a second branch</source>
        <translation>带着现在这个数从这一步继续，成为第二个分支</translation>
    </message>
    <message>
        <source>Undo (Esc)</source>
        <translation>撤销 (Esc)</translation>
    </message>
    <message>
        <source>Back to the run as it truly was</source>
        <translation>回到真实的运行</translation>
    </message>
</context>
<context>
    <name>FileDialog</name>
    <message>
        <source>Look in:</source>
        <translation>位置：</translation>
    </message>
    <message>
        <source>Files of type:</source>
        <translation>文件类型：</translation>
    </message>
</context>
<context>
    <name>FileTab</name>
    <message>
        <source>{0} was changed on disk: reload it or keep yours</source>
        <translation>{0} 在磁盘上已被修改：请重新载入，或保留您的版本</translation>
    </message>
    <message>
        <source>{0} has characters that {1} lacks: saved as UTF-8</source>
        <translation>{0} 含有 {1} 没有的字符：已存为 UTF-8</translation>
    </message>
    <message>
        <source>{0}: unsaved text, recovered</source>
        <translation>{0}：已恢复未保存的文本</translation>
    </message>
    <message>
        <source>Keep</source>
        <translation>保留</translation>
    </message>
    <message>
        <source>Discard</source>
        <translation>丢弃</translation>
    </message>
    <message>
        <source>{0} was changed on disk</source>
        <translation>{0} 在磁盘上已被修改</translation>
    </message>
    <message>
        <source>Reload</source>
        <translation>重新载入</translation>
    </message>
    <message>
        <source>Keep mine</source>
        <translation>保留我的</translation>
    </message>
    <message>
        <source>{0} came from {1}</source>
        <translation>{0} 来自 {1}</translation>
    </message>
    <message>
        <source>elsewhere</source>
        <translation>别处</translation>
    </message>
    <message>
        <source>it has not run here before. A program can do what you can do: read it first.</source>
        <translation>它还没有在这里运行过。程序能做你能做的一切：请先读一读。</translation>
    </message>
    <message>
        <source>Run it</source>
        <translation>运行</translation>
    </message>
    <message>
        <source>Not now</source>
        <translation>暂不</translation>
    </message>
</context>
<context>
    <name>FileTabBar</name>
    <message>
        <source>{0}, unsaved changes</source>
        <translation>{0}，有未保存的修改</translation>
    </message>
    <message>
        <source>Close {0}</source>
        <translation>关闭 {0}</translation>
    </message>
</context>
<context>
    <name>FindBar</name>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <source>{0} of {1}</source>
        <translation>{0}/{1}</translation>
    </message>
    <message>
        <source>{0} found</source>
        <translation>找到 {0} 处</translation>
    </message>
    <message>
        <source>Find in the program</source>
        <translation>在程序中查找</translation>
    </message>
    <message>
        <source>Previous (Shift+Enter)</source>
        <translation>上一个 (Shift+Enter)</translation>
    </message>
    <message>
        <source>Next (Enter)</source>
        <translation>下一个 (Enter)</translation>
    </message>
    <message>
        <source>Close (Esc)</source>
        <translation>关闭 (Esc)</translation>
    </message>
</context>
<context>
    <name>FindField</name>
    <message>
        <source>parts of names: node, module, operation, dtype</source>
        <translation>名称的一部分：节点、模块、算子、数据类型</translation>
    </message>
    <message>
        <source>shape; * is any length</source>
        <translation>形状；* 表示任意长度</translation>
    </message>
    <message>
        <source>line of the program</source>
        <translation>程序的行号</translation>
    </message>
    <message>
        <source>condition, as for breakpoints</source>
        <translation>条件，写法与断点相同</translation>
    </message>
    <message>
        <source>Enter goes to the next hit, Shift+Enter to the last.</source>
        <translation>Enter 跳到下一个结果，Shift+Enter 跳到上一个。</translation>
    </message>
    <message>
        <source>Find node…  Ctrl+F</source>
        <translation>查找节点…  Ctrl+F</translation>
    </message>
    <message>
        <source>Find node</source>
        <translation>查找节点</translation>
    </message>
</context>
<context>
    <name>Finder</name>
    <message>
        <source>Conditions ask the program for its numbers: run it first (F5)</source>
        <translation>条件需要向程序查询数值：请先运行程序 (F5)</translation>
    </message>
</context>
<context>
    <name>FocusBar</name>
    <message>
        <source>Show everything</source>
        <translation>显示全部</translation>
    </message>
    <message>
        <source>Show everything  (Esc)</source>
        <translation>显示全部  (Esc)</translation>
    </message>
</context>
<context>
    <name>Focusing</name>
    <message>
        <source>Select a node first: with a click, or with Alt and an arrow key</source>
        <translation>请先选中一个节点：单击，或按 Alt 加方向键</translation>
    </message>
    <message>
        <source>Paths from {0}: select the other node, and press P</source>
        <translation>从 {0} 出发的路径：选中另一个节点，再按 P</translation>
    </message>
    <message>
        <source>What reaches the loss</source>
        <translation>通向损失的部分</translation>
    </message>
    <message>
        <source>This iteration has no loss</source>
        <translation>本次迭代没有损失</translation>
    </message>
    <message>
        <source>{0} and its ancestors</source>
        <translation>{0} 及其祖先</translation>
    </message>
    <message>
        <source>{0} is not in this iteration</source>
        <translation>本次迭代中没有 {0}</translation>
    </message>
    <message>
        <source>{0} and its descendants</source>
        <translation>{0} 及其后代</translation>
    </message>
    <message>
        <source>Paths between {0} and {1}</source>
        <translation>{0} 与 {1} 之间的路径</translation>
    </message>
    <message>
        <source>No path between {0} and {1}</source>
        <translation>{0} 与 {1} 之间没有路径</translation>
    </message>
    <message>
        <source>{0} of {1} nodes</source>
        <translation>{1} 个节点中的 {0} 个</translation>
    </message>
</context>
<context>
    <name>ForkBar</name>
    <message>
        <source>Fork at step {0}</source>
        <translation>在第 {0} 步分叉</translation>
    </message>
    <message>
        <source>The text in the editor</source>
        <translation>编辑器中的文本</translation>
    </message>
    <message>
        <source>learning rate</source>
        <translation>学习率</translation>
    </message>
    <message>
        <source>learning rate {0} →</source>
        <translation>学习率 {0} →</translation>
    </message>
    <message>
        <source>as it is</source>
        <translation>不变</translation>
    </message>
    <message>
        <source>Learning rate of the branch</source>
        <translation>分支的学习率</translation>
    </message>
    <message>
        <source>loss</source>
        <translation>损失</translation>
    </message>
    <message>
        <source>Train the branch with another loss</source>
        <translation>用另一种损失训练分支</translation>
    </message>
    <message>
        <source>Fork</source>
        <translation>分叉</translation>
    </message>
    <message>
        <source>Go on from this step as a second branch</source>
        <translation>从这一步起作为第二条分支继续</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Weights and samples: click a cell in the inspector</source>
        <translation>权重和样本：在检查器中单击一格</translation>
    </message>
</context>
<context>
    <name>GradientCheck</name>
    <message>
        <source>max. rel. error {0}</source>
        <translation>最大相对误差 {0}</translation>
    </message>
    <message>
        <source>, {0} elements at a kink</source>
        <translation>，{0} 个元素在折点上</translation>
    </message>
    <message>
        <source>none of its inputs needs a gradient</source>
        <translation>它的输入都不需要梯度</translation>
    </message>
    <message>
        <source>the gradient of {0} at {1}: expected {2}, found {3}</source>
        <translation>{0} 在 {1} 处的梯度：应为 {2}，实为 {3}</translation>
    </message>
    <message>
        <source>Checking gradients: {0} of {1}</source>
        <translation>正在检查梯度：{0} / {1}</translation>
    </message>
    <message>
        <source>✗ the gradient of {0} is wrong</source>
        <translation>✗ {0} 的梯度不对</translation>
    </message>
    <message>
        <source>gradients match finite differences (float64, max rel. err {0})</source>
        <translation>梯度与有限差分一致（float64，最大相对误差 {0}）</translation>
    </message>
</context>
<context>
    <name>GradientCheckView</name>
    <message>
        <source>Compares the backward of every operation on view with finite differences in float64.</source>
        <translation>把所示迭代中每个运算的反向传播与 float64 有限差分对照。</translation>
    </message>
    <message>
        <source>Checked operations</source>
        <translation>检查过的运算</translation>
    </message>
    <message>
        <source>Check gradients</source>
        <translation>检查梯度</translation>
    </message>
    <message>
        <source>Check the iteration on view</source>
        <translation>检查所示的这次迭代</translation>
    </message>
</context>
<context>
    <name>GraphView</name>
    <message>
        <source>This graph could not be laid out ({0}). What you see is the last picture; opening or closing a box, or another iteration, tries again.</source>
        <translation>这张图无法布局（{0}）。现在看到的是上一幅图；打开或关闭一个方框、或换一次迭代，会再试一次。</translation>
    </message>
    <message>
        <source>not yet</source>
        <translation>未计算</translation>
    </message>
    <message>
        <source>{0} parameters</source>
        <translation>{0} 个参数</translation>
    </message>
    <message>
        <source>scalar</source>
        <translation>标量</translation>
    </message>
    <message>
        <source>{0} backward</source>
        <translation>{0} 个反向节点</translation>
    </message>
    <message>
        <source>Computation graph</source>
        <translation>计算图</translation>
    </message>
    <message>
        <source>The program failed before its first operation
Problems says where and why.</source>
        <translation>程序在第一个算子之前出错
位置和原因见“问题”面板。</translation>
    </message>
    <message>
        <source>Press Space to run the program
Its operations appear here, with their numbers.</source>
        <translation>按空格键运行程序
各个算子及其数值会显示在这里。</translation>
    </message>
    <message>
        <source>The program is running
Its graph appears with its first operation.</source>
        <translation>程序正在运行
第一个算子出现时即显示计算图。</translation>
    </message>
    <message>
        <source>No operations yet
The program has not computed with tensors so far.</source>
        <translation>还没有算子
程序至今没有进行张量计算。</translation>
    </message>
    <message>
        <source>{0}, backward of {1}</source>
        <translation>{0}，{1} 的反向</translation>
    </message>
    <message>
        <source>Selected: {0}</source>
        <translation>已选中：{0}</translation>
    </message>
</context>
<context>
    <name>Header</name>
    <message>
        <source>Show {0}:{1}</source>
        <translation>显示 {0}:{1}</translation>
    </message>
    <message>
        <source>parameter</source>
        <translation>参数</translation>
    </message>
    <message>
        <source>buffer</source>
        <translation>缓冲区</translation>
    </message>
    <message>
        <source>input</source>
        <translation>输入</translation>
    </message>
    <message>
        <source>op {0} of {1}</source>
        <translation>算子 {0}/{1}</translation>
    </message>
    <message>
        <source>in the backward of {0}</source>
        <translation>属于 {0} 的反向</translation>
    </message>
    <message>
        <source>◆ selected</source>
        <translation>◆ 已选中</translation>
    </message>
    <message>
        <source>▸ follows the run</source>
        <translation>▸ 跟随运行</translation>
    </message>
    <message>
        <source>Shows the selected node. Click to follow the run again.</source>
        <translation>显示选中的节点。点击可恢复跟随运行。</translation>
    </message>
    <message>
        <source>Shows the node that has just run. Click to stay with this one.</source>
        <translation>显示刚刚运行的节点。点击可停留在此节点。</translation>
    </message>
    <message>
        <source>Stay with this node</source>
        <translation>停留在此节点</translation>
    </message>
</context>
<context>
    <name>Histogram</name>
    <message>
        <source>{0} elements from {1} to {2}</source>
        <translation>{0} 个元素，范围 {1} 到 {2}</translation>
    </message>
</context>
<context>
    <name>HitsView</name>
    <message>
        <source>Hits of breakpoints</source>
        <translation>断点命中</translation>
    </message>
    <message>
        <source>Where breakpoints hit is listed here. Switch one on under the run, then press F8 to continue.</source>
        <translation>断点命中之处列在这里。请在训练全程下方打开一个断点，再按 F8 继续。</translation>
    </message>
</context>
<context>
    <name>Inspector</name>
    <message>
        <source>Value</source>
        <translation>值</translation>
    </message>
    <message>
        <source>Gradient</source>
        <translation>梯度</translation>
    </message>
    <message>
        <source>Update</source>
        <translation>更新</translation>
    </message>
    <message>
        <source>Saved</source>
        <translation>已保存</translation>
    </message>
    <message>
        <source>The value and the gradient of the running or the selected operation appear here.</source>
        <translation>正在执行或选中的算子的值和梯度显示在这里。</translation>
    </message>
    <message>
        <source>Why</source>
        <translation>为什么</translation>
    </message>
    <message>
        <source>Rule</source>
        <translation>规则</translation>
    </message>
    <message>
        <source>Backward</source>
        <translation>反向</translation>
    </message>
    <message>
        <source>Difference between the shown branch and the compared one</source>
        <translation>显示的分支与被比较的分支之差</translation>
    </message>
    <message>
        <source>Pages of the inspector</source>
        <translation>检查器页面</translation>
    </message>
</context>
<context>
    <name>LayoutChoice</name>
    <message>
        <source>row</source>
        <translation>行</translation>
    </message>
    <message>
        <source>Numbers</source>
        <translation>数值</translation>
    </message>
    <message>
        <source>Show the numbers themselves, as a table</source>
        <translation>以表格显示数值本身</translation>
    </message>
    <message>
        <source>Colours</source>
        <translation>彩色</translation>
    </message>
    <message>
        <source>Draw the three channels as red, green and blue</source>
        <translation>把三个通道画成红、绿、蓝</translation>
    </message>
    <message>
        <source>Draw one row as a picture of {0}×{1} cells</source>
        <translation>把一行画成 {0}×{1} 的图</translation>
    </message>
    <message>
        <source>Tiles</source>
        <translation>平铺</translation>
    </message>
    <message>
        <source>Draw all pictures or filters at once, side by side</source>
        <translation>把所有图或卷积核并排一次画出</translation>
    </message>
    <message>
        <source>Height and width of the picture of a row</source>
        <translation>一行画成的图的高和宽</translation>
    </message>
</context>
<context>
    <name>Legend</name>
    <message>
        <source>input</source>
        <translation>输入</translation>
    </message>
    <message>
        <source>parameter</source>
        <translation>参数</translation>
    </message>
    <message>
        <source>operation</source>
        <translation>算子</translation>
    </message>
    <message>
        <source>loss</source>
        <translation>损失</translation>
    </message>
    <message>
        <source>forward</source>
        <translation>前向</translation>
    </message>
    <message>
        <source>backward</source>
        <translation>反向</translation>
    </message>
    <message>
        <source>update</source>
        <translation>更新</translation>
    </message>
    <message>
        <source>not computed</source>
        <translation>未计算</translation>
    </message>
    <message>
        <source>Legend</source>
        <translation>图例</translation>
    </message>
</context>
<context>
    <name>Library</name>
    <message>
        <source>No files yet</source>
        <translation>还没有文件</translation>
    </message>
    <message>
        <source>Programs</source>
        <translation>程序</translation>
    </message>
    <message>
        <source>Losses for SimpleNet</source>
        <translation>SimpleNet 的损失函数</translation>
    </message>
    <message>
        <source>Losses with a program of their own</source>
        <translation>自带程序的损失函数</translation>
    </message>
    <message>
        <source>Optimizers</source>
        <translation>优化器</translation>
    </message>
    <message>
        <source>My snippets</source>
        <translation>我的代码片段</translation>
    </message>
    <message>
        <source>Your snippets are in {0}</source>
        <translation>你的代码片段在 {0}</translation>
    </message>
    <message>
        <source>Each snippet is a file of its own that can be sent to others</source>
        <translation>每个片段都是单独的文件，可以发给别人</translation>
    </message>
    <message>
        <source>Save this text here</source>
        <translation>把当前文本存到这里</translation>
    </message>
    <message>
        <source>Show the folder</source>
        <translation>打开文件夹</translation>
    </message>
    <message>
        <source>The folder for your snippets cannot be made: {0}</source>
        <translation>无法创建代码片段文件夹：{0}</translation>
    </message>
</context>
<context>
    <name>LiveBar</name>
    <message>
        <source>Live loss: waits until the run is stopped (Shift+F5)</source>
        <translation>实时损失：等待当前运行停止（Shift+F5）</translation>
    </message>
    <message>
        <source>Live loss on one batch: {0}</source>
        <translation>一个批次上的实时损失：{0}</translation>
    </message>
    <message>
        <source>‖∂L/∂outputs‖ {0}</source>
        <translation>‖∂L/∂outputs‖ {0}</translation>
    </message>
    <message>
        <source>✗ Line {0}: {1}</source>
        <translation>✗ 第 {0} 行：{1}</translation>
    </message>
    <message>
        <source>the graph is of the text before</source>
        <translation>图仍属于之前的文本</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>An error in gradviz itself: {0}</source>
        <translation>gradviz 自身出错：{0}</translation>
    </message>
    <message>
        <source>Select a node to set a breakpoint there</source>
        <translation>请先选中一个节点，再在其上设断点</translation>
    </message>
    <message>
        <source>Run a program and select a node whose numbers are not finite</source>
        <translation>请运行程序，并选中一个数值不有限的节点</translation>
    </message>
    <message>
        <source>All numbers of {0} are finite at this moment</source>
        <translation>此刻 {0} 的所有数值都是有限的</translation>
    </message>
    <message>
        <source>SVG picture (*.svg);;PDF document (*.pdf);;PNG picture (*.png)</source>
        <translation>SVG 图片 (*.svg);;PDF 文档 (*.pdf);;PNG 图片 (*.png)</translation>
    </message>
    <message>
        <source>PNG picture (*.png)</source>
        <translation>PNG 图片 (*.png)</translation>
    </message>
    <message>
        <source>Recorded runs (*.gvtrace)</source>
        <translation>已记录的运行 (*.gvtrace)</translation>
    </message>
    <message>
        <source>Step {0} is not in this file. F5 runs the program, and computes all steps.</source>
        <translation>此文件不含第 {0} 步。按 F5 运行程序，即可计算所有步。</translation>
    </message>
    <message>
        <source>{0} was not written: {1}</source>
        <translation>未能写入 {0}：{1}</translation>
    </message>
    <message>
        <source>{0} written</source>
        <translation>已写入 {0}</translation>
    </message>
    <message>
        <source>Folder of MNIST&apos;s IDX files</source>
        <translation>MNIST 的 IDX 文件夹</translation>
    </message>
    <message>
        <source>The next run (F5) trains on {0}</source>
        <translation>下次运行 (F5) 将使用 {0} 训练</translation>
    </message>
    <message>
        <source>the MNIST sample</source>
        <translation>MNIST 样本</translation>
    </message>
    <message>
        <source>Editor</source>
        <translation>编辑器</translation>
    </message>
    <message>
        <source>Problems, console, outline</source>
        <translation>问题、控制台、大纲</translation>
    </message>
    <message>
        <source>Inspector</source>
        <translation>检查器</translation>
    </message>
    <message>
        <source>Timeline</source>
        <translation>时间线</translation>
    </message>
    <message>
        <source>Plots</source>
        <translation>曲线</translation>
    </message>
</context>
<context>
    <name>Memory</name>
    <message>
        <source>Data</source>
        <translation>数据</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>参数</translation>
    </message>
    <message>
        <source>Buffers</source>
        <translation>缓冲区</translation>
    </message>
    <message>
        <source>Optimizer state</source>
        <translation>优化器状态</translation>
    </message>
    <message>
        <source>Activations</source>
        <translation>激活值</translation>
    </message>
    <message>
        <source>Earlier iterations</source>
        <translation>来自更早的迭代</translation>
    </message>
    <message>
        <source>Only for backward</source>
        <translation>仅用于反向</translation>
    </message>
    <message>
        <source>Gradients</source>
        <translation>梯度</translation>
    </message>
    <message>
        <source>Temporaries</source>
        <translation>临时数组</translation>
    </message>
    <message>
        <source>the beginning</source>
        <translation>开始时</translation>
    </message>
    <message>
        <source>forward</source>
        <translation>前向</translation>
    </message>
    <message>
        <source>backward</source>
        <translation>反向</translation>
    </message>
    <message>
        <source>accumulate</source>
        <translation>累积</translation>
    </message>
    <message>
        <source>update</source>
        <translation>更新</translation>
    </message>
    <message>
        <source>event {0} ({1} {2})</source>
        <translation>事件 {0}（{1} {2}）</translation>
    </message>
</context>
<context>
    <name>MemoryPage</name>
    <message>
        <source>Peak {0} at event {1}</source>
        <translation>峰值 {0}，在事件 {1}</translation>
    </message>
    <message>
        <source>more at the end than at the beginning: {0}</source>
        <translation>结束时比开始时多：{0}</translation>
    </message>
    <message>
        <source>{0} at {1}</source>
        <translation>{0}，在{1}</translation>
    </message>
    <message>
        <source>Go to the peak: {0}</source>
        <translation>转到峰值：{0}</translation>
    </message>
    <message>
        <source>Largest now:</source>
        <translation>此刻最大：</translation>
    </message>
    <message>
        <source>kept by {0}</source>
        <translation>由 {0} 持有</translation>
    </message>
    <message>
        <source>still alive at the iteration&apos;s end</source>
        <translation>迭代结束时仍然存在</translation>
    </message>
    <message>
        <source>until {0}</source>
        <translation>直到{0}</translation>
    </message>
    <message>
        <source>Live bytes over the iteration</source>
        <translation>一次迭代中占用的字节</translation>
    </message>
    <message>
        <source>Kinds of memory, and the largest arrays</source>
        <translation>内存种类与最大的数组</translation>
    </message>
</context>
<context>
    <name>MemoryPlot</name>
    <message>
        <source>peak</source>
        <translation>峰值</translation>
    </message>
    <message>
        <source>events</source>
        <translation>事件</translation>
    </message>
    <message>
        <source>▼ {0} are there all the time</source>
        <translation>▼ 其中 {0} 始终存在</translation>
    </message>
    <message>
        <source>event {0}: {1}</source>
        <translation>事件 {0}：{1}</translation>
    </message>
</context>
<context>
    <name>Messages</name>
    <message>
        <source>Problems</source>
        <translation>问题</translation>
    </message>
    <message>
        <source>Console</source>
        <translation>控制台</translation>
    </message>
    <message>
        <source>Gradient check</source>
        <translation>梯度检查</translation>
    </message>
    <message>
        <source>Outline</source>
        <translation>大纲</translation>
    </message>
    <message>
        <source>Hits</source>
        <translation>命中</translation>
    </message>
    <message>
        <source>Problems, console, gradient check, outline, hits</source>
        <translation>问题、控制台、梯度检查、大纲、命中</translation>
    </message>
</context>
<context>
    <name>Minimap</name>
    <message>
        <source>Overview of the graph</source>
        <translation>计算图总览</translation>
    </message>
    <message>
        <source>Click or drag to look at another part</source>
        <translation>点击或拖动可查看其他部分</translation>
    </message>
</context>
<context>
    <name>NodePage</name>
    <message>
        <source>Nothing has changed since the step before.</source>
        <translation>自上一步以来没有任何变化。</translation>
    </message>
    <message>
        <source>‖change‖ {0}</source>
        <translation>‖变化‖ {0}</translation>
    </message>
    <message>
        <source>‖change‖ {0}: {1} % of its norm</source>
        <translation>‖变化‖ {0}：其范数的 {1} %</translation>
    </message>
    <message>
        <source>There is no step before the first.</source>
        <translation>第一步之前没有更早的一步。</translation>
    </message>
    <message>
        <source>Step {0} is not in this file, or had no such array.</source>
        <translation>这个文件中没有第 {0} 步，或那一步没有这个数组。</translation>
    </message>
    <message>
        <source>Step {0} is not kept in memory, or had no such array. Go back to it (Ctrl+←) and forward again: then both are kept.</source>
        <translation>内存中没有保留第 {0} 步，或那一步没有这个数组。请退回那一步（Ctrl+←）再前进：这样两步都会保留。</translation>
    </message>
    <message>
        <source>Change</source>
        <translation>变化</translation>
    </message>
    <message>
        <source>Show how it has changed since the step before, at this place of the program</source>
        <translation>显示程序同一位置的数据自上一步以来的变化</translation>
    </message>
    <message>
        <source>{0} arrays are kept in sight already: remove one of them</source>
        <translation>已固定 {0} 个数组：请先移除其中一个</translation>
    </message>
    <message>
        <source>Keep this array in sight below, whatever is selected</source>
        <translation>把这个数组固定在下方，无论选中什么都能看到</translation>
    </message>
    <message>
        <source>Keep</source>
        <translation>固定</translation>
    </message>
    <message>
        <source>Not computed yet: the program has not reached {0}.</source>
        <translation>尚未计算：程序还没有运行到 {0}。</translation>
    </message>
    <message>
        <source>{0} does not need a gradient.</source>
        <translation>{0} 不需要梯度。</translation>
    </message>
    <message>
        <source>No gradient flowed here: the loss does not depend on {0}.</source>
        <translation>没有梯度流到这里：损失不依赖于 {0}。</translation>
    </message>
    <message>
        <source>Not computed yet: the backward pass has not reached {0}.</source>
        <translation>尚未计算：反向传播还没有到达 {0}。</translation>
    </message>
</context>
<context>
    <name>NumberField</name>
    <message>
        <source>This is no number. Write it like 0.1 or 1e-3.</source>
        <translation>这不是数字。请写成 0.1 或 1e-3 这样。</translation>
    </message>
</context>
<context>
    <name>OpenTabs</name>
    <message>
        <source>Open files</source>
        <translation>打开的文件</translation>
    </message>
    <message>
        <source>New file</source>
        <translation>新建文件</translation>
    </message>
    <message>
        <source>New file (Ctrl+N)</source>
        <translation>新建文件（Ctrl+N）</translation>
    </message>
</context>
<context>
    <name>OriginView</name>
    <message>
        <source>Where the numbers of {0} came from</source>
        <translation>{0} 的数值从哪里来</translation>
    </message>
    <message>
        <source>iteration {0}, op {1}: {2}</source>
        <translation>第 {0} 次迭代，第 {1} 个操作：{2}</translation>
    </message>
    <message>
        <source>iteration {0}: {2}</source>
        <translation>第 {0} 次迭代：{2}</translation>
    </message>
    <message>
        <source>Searching …</source>
        <translation>正在查找…</translation>
    </message>
    <message>
        <source>Here it first appeared.</source>
        <translation>它最先出现在这里。</translation>
    </message>
    <message>
        <source>It was there from the start.</source>
        <translation>它从一开始就在。</translation>
    </message>
    <message>
        <source>It came from an earlier iteration, which could not be asked.</source>
        <translation>它来自更早的一次迭代，那里无法查询。</translation>
    </message>
    <message>
        <source>What came before was not recorded.</source>
        <translation>此前的内容没有记录。</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Where the numbers came from</source>
        <translation>数值的来处</translation>
    </message>
</context>
<context>
    <name>OutlineView</name>
    <message>
        <source>Node</source>
        <translation>节点</translation>
    </message>
    <message>
        <source>Shape</source>
        <translation>形状</translation>
    </message>
    <message>
        <source>Outline of the graph</source>
        <translation>计算图大纲</translation>
    </message>
</context>
<context>
    <name>OutlineWords</name>
    <message>
        <source>operation</source>
        <translation>算子</translation>
    </message>
    <message>
        <source>parameter</source>
        <translation>参数</translation>
    </message>
    <message>
        <source>buffer</source>
        <translation>缓冲区</translation>
    </message>
    <message>
        <source>input</source>
        <translation>输入</translation>
    </message>
    <message>
        <source>scalar</source>
        <translation>标量</translation>
    </message>
    <message>
        <source>not computed yet</source>
        <translation>尚未计算</translation>
    </message>
    <message>
        <source>gradient computed</source>
        <translation>梯度已计算</translation>
    </message>
    <message>
        <source>gradient not computed yet</source>
        <translation>梯度尚未计算</translation>
    </message>
    <message>
        <source>needs no gradient</source>
        <translation>不需要梯度</translation>
    </message>
    <message>
        <source>closed</source>
        <translation>已折叠</translation>
    </message>
    <message>
        <source>open</source>
        <translation>已展开</translation>
    </message>
    <message>
        <source>box {0}</source>
        <translation>方框 {0}</translation>
    </message>
</context>
<context>
    <name>OutputChoice</name>
    <message>
        <source>output {0}: {1} {2}</source>
        <translation>输出 {0}：{1} {2}</translation>
    </message>
    <message>
        <source>Output</source>
        <translation>输出</translation>
    </message>
</context>
<context>
    <name>OverlayButton</name>
    <message>
        <source>What is laid over the graph  (G shows the next)</source>
        <translation>图上叠加显示的内容（按 G 切换到下一种）</translation>
    </message>
    <message>
        <source>Overlay: {0}</source>
        <translation>叠加显示：{0}</translation>
    </message>
</context>
<context>
    <name>PinCard</name>
    <message>
        <source>Not in this step</source>
        <translation>这一步没有</translation>
    </message>
    <message>
        <source>Not yet</source>
        <translation>尚未计算</translation>
    </message>
    <message>
        <source>No elements</source>
        <translation>没有元素</translation>
    </message>
    <message>
        <source>No longer keep {0} in sight</source>
        <translation>不再固定 {0}</translation>
    </message>
</context>
<context>
    <name>PlotsView</name>
    <message>
        <source>The loss appears here while the program trains.</source>
        <translation>训练时，损失曲线显示在这里。</translation>
    </message>
    <message>
        <source>The accuracy on test data appears here. It needs a test_loader.</source>
        <translation>测试集准确率显示在这里，需要 test_loader。</translation>
    </message>
    <message>
        <source>The norm of every parameter&apos;s gradient appears here.</source>
        <translation>每个参数的梯度范数显示在这里。</translation>
    </message>
    <message>
        <source>The size of every update, compared with the parameter, appears here.</source>
        <translation>每次更新相对于参数的大小显示在这里。</translation>
    </message>
    <message>
        <source>What the program holds in memory appears here, event by event.</source>
        <translation>程序在内存中持有的内容会逐个事件显示在这里。</translation>
    </message>
    <message>
        <source>What the program holds in memory is not known of this iteration: it was not recorded from its beginning, or by an older gradviz. Go to another one.</source>
        <translation>不知道这次迭代中程序在内存里持有什么：它不是从头开始记录的，或是由旧版 gradviz 记录的。请转到另一次迭代。</translation>
    </message>
    <message>
        <source>Loss</source>
        <translation>损失</translation>
    </message>
    <message>
        <source>Accuracy</source>
        <translation>准确率</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>内存</translation>
    </message>
    <message>
        <source>Gradients</source>
        <translation>梯度</translation>
    </message>
    <message>
        <source>Updates</source>
        <translation>更新</translation>
    </message>
    <message>
        <source>Gradient norms: the length of every parameter&apos;s gradient</source>
        <translation>梯度范数：每个参数的梯度的长度</translation>
    </message>
    <message>
        <source>Update ratios: the size of every update beside the parameter</source>
        <translation>更新比：每次更新相对于参数的大小</translation>
    </message>
    <message>
        <source>Live bytes over the events of the shown iteration</source>
        <translation>所示迭代中各事件时占用的字节</translation>
    </message>
    <message>
        <source>Curves of the run</source>
        <translation>运行曲线</translation>
    </message>
    <message>
        <source>log</source>
        <translation>对数</translation>
    </message>
    <message>
        <source>Logarithmic scale</source>
        <translation>对数坐标</translation>
    </message>
    <message>
        <source>Plot</source>
        <translation>曲线图</translation>
    </message>
    <message>
        <source>Legend</source>
        <translation>图例</translation>
    </message>
    <message>
        <source>Latest value</source>
        <translation>最新值</translation>
    </message>
</context>
<context>
    <name>ProblemsView</name>
    <message>
        <source>Error</source>
        <translation>错误</translation>
    </message>
    <message>
        <source>Warning</source>
        <translation>警告</translation>
    </message>
    <message>
        <source>{0} more</source>
        <translation>还有 {0} 个</translation>
    </message>
    <message>
        <source>Problems</source>
        <translation>问题</translation>
    </message>
    <message>
        <source>Traceback</source>
        <translation>调用栈</translation>
    </message>
    <message>
        <source>Show on graph</source>
        <translation>在图中显示</translation>
    </message>
    <message>
        <source>Goes to the iteration in which this was seen, and to its node</source>
        <translation>转到发现它的那次迭代，并选中对应的节点</translation>
    </message>
    <message>
        <source>Where did the NaN come from?</source>
        <translation>NaN 从哪里来？</translation>
    </message>
    <message>
        <source>No problems</source>
        <translation>没有问题</translation>
    </message>
</context>
<context>
    <name>Readings</name>
    <message>
        <source>not yet</source>
        <translation>尚未</translation>
    </message>
    <message>
        <source>out</source>
        <translation>输出</translation>
    </message>
    <message>
        <source>saved</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>not measured</source>
        <translation>未测量</translation>
    </message>
    <message>
        <source>dead</source>
        <translation>失活</translation>
    </message>
    <message>
        <source>saturated</source>
        <translation>饱和</translation>
    </message>
    <message>
        <source>worst of {0}</source>
        <translation>{0} 处中最差</translation>
    </message>
    <message>
        <source>mean</source>
        <translation>均值</translation>
    </message>
    <message>
        <source>none before</source>
        <translation>无上一步</translation>
    </message>
    <message>
        <source>same</source>
        <translation>相同</translation>
    </message>
    <message>
        <source>zeros {0}</source>
        <translation>零占 {0}</translation>
    </message>
    <message>
        <source>always {0} of {1}</source>
        <translation>始终 {0}/{1}</translation>
    </message>
</context>
<context>
    <name>RulePage</name>
    <message>
        <source>A leaf: no operation made it. Gradients that reach it are added to its .grad.</source>
        <translation>叶子节点：不由任何算子产生。到达它的梯度会累加到 .grad。</translation>
    </message>
    <message>
        <source>A leaf that needs no gradient: the backward pass ends here.</source>
        <translation>不需要梯度的叶子节点：反向传播到此为止。</translation>
    </message>
    <message>
        <source>No gradient flows through this operation: none of its inputs needs one.</source>
        <translation>梯度不经过这个算子：它的输入都不需要梯度。</translation>
    </message>
    <message>
        <source>{0} brings its own backward; there is no formula to show.</source>
        <translation>{0} 自带 backward，没有可显示的公式。</translation>
    </message>
    <message>
        <source>{0} needs no gradient.</source>
        <translation>{0} 不需要梯度。</translation>
    </message>
    <message>
        <source>Not computed yet.</source>
        <translation>尚未计算。</translation>
    </message>
    <message>
        <source>No gradient flowed here.</source>
        <translation>没有梯度流到这里。</translation>
    </message>
    <message>
        <source>{0}; the result is on its way.</source>
        <translation>{0}；结果即将到来。</translation>
    </message>
    <message>
        <source>{0} (sum over {1} uses)</source>
        <translation>{0}（{1} 处使用之和）</translation>
    </message>
    <message>
        <source>Forward</source>
        <translation>前向</translation>
    </message>
    <message>
        <source>Backward</source>
        <translation>反向</translation>
    </message>
    <message>
        <source>g = ∂L/∂out, the gradient that arrives from the operations after it</source>
        <translation>g = ∂L/∂out，即从后续算子传来的梯度</translation>
    </message>
    <message>
        <source>Backward rule</source>
        <translation>反向传播规则</translation>
    </message>
</context>
<context>
    <name>RunFiles</name>
    <message>
        <source>{0}: a recorded run, seed {1}. Nothing of it is executed; F5 runs its program here.</source>
        <translation>{0}：已记录的运行，种子 {1}。不会执行其中任何内容；按 F5 在此运行其程序。</translation>
    </message>
    <message>
        <source>Saving {0}: {1} steps</source>
        <translation>正在保存 {0}：{1} 步</translation>
    </message>
    <message>
        <source>{0} was not written: the window went elsewhere</source>
        <translation>未写入 {0}：窗口转到了别处</translation>
    </message>
    <message>
        <source>{0} was not written: {1}</source>
        <translation>未能写入 {0}：{1}</translation>
    </message>
    <message>
        <source>{0} written, with {1} steps in full detail</source>
        <translation>已写入 {0}，其中 {1} 步含全部细节</translation>
    </message>
</context>
<context>
    <name>RunMarks</name>
    <message>
        <source>Select {0}</source>
        <translation>选择 {0}</translation>
    </message>
</context>
<context>
    <name>SavedFacts</name>
    <message>
        <source>Kept from {0} on: still alive at the iteration&apos;s end.</source>
        <translation>从{0}起保留：迭代结束时仍然存在。</translation>
    </message>
    <message>
        <source>Kept from {0} until {1}.</source>
        <translation>从{0}保留到{1}。</translation>
    </message>
    <message>
        <source>Same storage as {0}.</source>
        <translation>与 {0} 共用同一存储。</translation>
    </message>
    <message>
        <source>Held by {0} in the program.</source>
        <translation>由程序中的 {0} 持有。</translation>
    </message>
    <message>
        <source>⚠ Overwritten in place by {0}, line {1}: {2}.</source>
        <translation>⚠ 被 {0} 就地覆盖，第 {1} 行：{2}。</translation>
    </message>
</context>
<context>
    <name>SavedPage</name>
    <message>
        <source>Not saved yet: the program has not reached {0}.</source>
        <translation>尚未保存：程序还没有运行到 {0}。</translation>
    </message>
    <message>
        <source>Saved for backward</source>
        <translation>为反向传播保存</translation>
    </message>
    <message>
        <source>Kept for the backward pass: {0}</source>
        <translation>为反向传播保留：{0}</translation>
    </message>
</context>
<context>
    <name>Scale</name>
    <message>
        <source>‖∇‖ from {0} to {1}</source>
        <translation>‖∇‖ 从 {0} 到 {1}</translation>
    </message>
    <message>
        <source>+ mean above 0</source>
        <translation>+ 均值大于 0</translation>
    </message>
    <message>
        <source>− mean below 0</source>
        <translation>− 均值小于 0</translation>
    </message>
    <message>
        <source>± mean about 0</source>
        <translation>± 均值约为 0</translation>
    </message>
    <message>
        <source>none before: not in that step, or not recorded</source>
        <translation>无上一步：那一步中没有，或没有记录</translation>
    </message>
    <message>
        <source>bars: 0 to {0}</source>
        <translation>条形：0 到 {0}</translation>
    </message>
    <message>
        <source>numbers of its own; a view has none</source>
        <translation>自己的数值（视图没有）</translation>
    </message>
    <message>
        <source>saved for backward</source>
        <translation>为反向传播保存</translation>
    </message>
    <message>
        <source>its forward</source>
        <translation>前向</translation>
    </message>
    <message>
        <source>its backward</source>
        <translation>反向</translation>
    </message>
    <message>
        <source>0 to 100 %</source>
        <translation>0 到 100 %</translation>
    </message>
    <message>
        <source>dead: units that are 0 for every sample</source>
        <translation>失活：对每个样本都为 0 的单元</translation>
    </message>
    <message>
        <source>saturated: numbers where the curve is flat</source>
        <translation>饱和：落在曲线平坦处的数值</translation>
    </message>
    <message>
        <source>‖Δ‖ / ‖now‖ since the step before, {0} to 100 %</source>
        <translation>与上一步相比的 ‖Δ‖ / ‖现值‖，{0} 到 100 %</translation>
    </message>
</context>
<context>
    <name>SeedField</name>
    <message>
        <source>Random numbers begin from this seed: the same seed is the same run. Enter runs.</source>
        <translation>随机数由此种子产生：种子相同，运行就完全相同。按回车键运行。</translation>
    </message>
    <message>
        <source>A seed is a whole number from 0 to {0}</source>
        <translation>种子是 0 到 {0} 之间的整数</translation>
    </message>
    <message>
        <source>seed</source>
        <translation>种子</translation>
    </message>
    <message>
        <source>Seed of the run</source>
        <translation>本次运行的随机种子</translation>
    </message>
</context>
<context>
    <name>Sheet</name>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
</context>
<context>
    <name>ShortcutSheet</name>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>键盘快捷键</translation>
    </message>
</context>
<context>
    <name>Statistics</name>
    <message>
        <source>shape</source>
        <translation>形状</translation>
    </message>
    <message>
        <source>dtype</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>min</source>
        <translation>最小</translation>
    </message>
    <message>
        <source>max</source>
        <translation>最大</translation>
    </message>
    <message>
        <source>mean</source>
        <translation>均值</translation>
    </message>
    <message>
        <source>std</source>
        <translation>标准差</translation>
    </message>
    <message>
        <source>zeros</source>
        <translation>零</translation>
    </message>
    <message>
        <source>size</source>
        <translation>大小</translation>
    </message>
    <message>
        <source>Euclidean norm: the root of the sum of squares</source>
        <translation>欧几里得范数：平方和的平方根</translation>
    </message>
    <message>
        <source>Standard deviation of all elements (not corrected)</source>
        <translation>所有元素的标准差（未修正）</translation>
    </message>
</context>
<context>
    <name>StatusBar</name>
    <message>
        <source>On the way to step {0}: {1}</source>
        <translation>正前往第 {0} 步：{1}</translation>
    </message>
    <message>
        <source>Running to the next hit: iteration {0}</source>
        <translation>正在运行到下一次命中：第 {0} 次迭代</translation>
    </message>
    <message>
        <source>Looking back for a hit: iteration {0}</source>
        <translation>正在往回查找命中：第 {0} 次迭代</translation>
    </message>
    <message>
        <source>{0} iterations/s</source>
        <translation>{0} 次迭代/秒</translation>
    </message>
    <message>
        <source>recording {0}</source>
        <translation>记录占用 {0}</translation>
    </message>
    <message>
        <source>history {0} of {1} MiB</source>
        <translation>历史 {0} / {1} MiB</translation>
    </message>
    <message>
        <source>Memory that checkpoints take, by which any moment is reached quickly; and their bound</source>
        <translation>检查点占用的内存及其上限；有了检查点，任何时刻都能很快到达</translation>
    </message>
    <message>
        <source>from a file: F5 runs its program</source>
        <translation>来自文件：按 F5 运行其程序</translation>
    </message>
    <message>
        <source>failed (exit code {0})</source>
        <translation>失败（退出码 {0}）</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>失败</translation>
    </message>
    <message>
        <source>live loss: F5 trains with it</source>
        <translation>实时损失：按 F5 用它训练</translation>
    </message>
    <message>
        <source>finished: F5 runs it again</source>
        <translation>已完成：按 F5 重新运行</translation>
    </message>
    <message>
        <source>stopped</source>
        <translation>已停止</translation>
    </message>
    <message>
        <source>ready</source>
        <translation>就绪</translation>
    </message>
    <message>
        <source>training live</source>
        <translation>实时训练中</translation>
    </message>
    <message>
        <source>playing</source>
        <translation>播放中</translation>
    </message>
    <message>
        <source>running</source>
        <translation>运行中</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>已暂停</translation>
    </message>
    <message>
        <source>edited: F5 runs the new text</source>
        <translation>已修改：按 F5 运行新文本</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>深色</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>浅色</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>主题</translation>
    </message>
</context>
<context>
    <name>Steering</name>
    <message>
        <source>This text is too long for a loss snippet</source>
        <translation>这段文本太长，不能作为损失片段</translation>
    </message>
    <message>
        <source>No breakpoint hit in the rest of the run</source>
        <translation>运行的其余部分没有断点命中</translation>
    </message>
    <message>
        <source>No breakpoint has hit before this</source>
        <translation>在此之前没有断点命中</translation>
    </message>
    <message>
        <source>This is a part of gradviz: go to the program that is to be run</source>
        <translation>这是 gradviz 自身的一部分：请切换到要运行的程序</translation>
    </message>
</context>
<context>
    <name>TimelineView</name>
    <message>
        <source>Every operation of a training step appears here. Press Space to begin.</source>
        <translation>训练一步中的每个算子显示在这里。按空格键开始。</translation>
    </message>
    <message>
        <source>epoch {0}</source>
        <translation>第 {0} 轮</translation>
    </message>
    <message>
        <source>batch {0} of {1}</source>
        <translation>批次 {0}/{1}</translation>
    </message>
    <message>
        <source>op {0} of {1}</source>
        <translation>算子 {0}/{1}</translation>
    </message>
    <message>
        <source>forward {0}</source>
        <translation>前向 {0}</translation>
    </message>
    <message>
        <source>backward {0}</source>
        <translation>反向 {0}</translation>
    </message>
    <message>
        <source>gradient of {0}</source>
        <translation>{0} 的梯度</translation>
    </message>
    <message>
        <source>update {0}</source>
        <translation>更新 {0}</translation>
    </message>
    <message>
        <source>before the first operation</source>
        <translation>第一个算子之前</translation>
    </message>
    <message>
        <source>Step {0}</source>
        <translation>第 {0} 步</translation>
    </message>
    <message>
        <source>The program is running. Its operations appear here.</source>
        <translation>程序正在运行，它的算子会显示在这里。</translation>
    </message>
    <message>
        <source>op {0} of {1}: {2}</source>
        <translation>算子 {0}/{1}：{2}</translation>
    </message>
    <message>
        <source>{0} more</source>
        <translation>还有 {0} 个</translation>
    </message>
    <message>
        <source>step {0} of {1} that have run</source>
        <translation>已运行 {1} 步中的第 {0} 步</translation>
    </message>
    <message>
        <source>up to step {0}</source>
        <translation>到第 {0} 步</translation>
    </message>
    <message>
        <source>forward</source>
        <translation>前向</translation>
    </message>
    <message>
        <source>backward</source>
        <translation>反向</translation>
    </message>
    <message>
        <source>update</source>
        <translation>更新</translation>
    </message>
    <message>
        <source>Events of this step</source>
        <translation>这一步的事件</translation>
    </message>
    <message>
        <source>The whole run</source>
        <translation>整个运行</translation>
    </message>
    <message>
        <source>run</source>
        <translation>训练全程</translation>
    </message>
</context>
<context>
    <name>Tooltip</name>
    <message>
        <source>needs no gradient</source>
        <translation>不需要梯度</translation>
    </message>
    <message>
        <source>in the backward of {0}</source>
        <translation>属于 {0} 的反向</translation>
    </message>
    <message>
        <source>a view: moves no numbers</source>
        <translation>视图：不移动数据</translation>
    </message>
    <message>
        <source>backward of {0}</source>
        <translation>{0} 的反向</translation>
    </message>
    <message>
        <source>{0} parameters</source>
        <translation>{0} 个参数</translation>
    </message>
    <message>
        <source>Double-click or Enter opens and closes it</source>
        <translation>双击或按 Enter 展开与折叠</translation>
    </message>
</context>
<context>
    <name>TopBar</name>
    <message>
        <source>live</source>
        <translation>实时</translation>
    </message>
    <message>
        <source>{0} ops/s</source>
        <translation>{0} 算子/秒</translation>
    </message>
    <message>
        <source>{0} phases/s</source>
        <translation>{0} 阶段/秒</translation>
    </message>
    <message>
        <source>{0} steps/s</source>
        <translation>{0} 次迭代/秒</translation>
    </message>
    <message>
        <source>{0} epochs/s</source>
        <translation>{0} 轮/秒</translation>
    </message>
    <message>
        <source>Training data: 10,000 digits to train on, 2,000 to test with; click to choose others</source>
        <translation>训练数据：10,000 个数字用于训练，2,000 个用于测试；点击可另选</translation>
    </message>
    <message>
        <source>MNIST 12,000</source>
        <translation>MNIST 12,000</translation>
    </message>
    <message>
        <source>All commands (F10)</source>
        <translation>所有命令 (F10)</translation>
    </message>
    <message>
        <source>File</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>Open, save and close programs</source>
        <translation>打开、保存和关闭程序</translation>
    </message>
    <message>
        <source>Examples</source>
        <translation>示例</translation>
    </message>
    <message>
        <source>Programs and loss snippets to learn from</source>
        <translation>可供学习的程序和损失函数片段</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>导出</translation>
    </message>
    <message>
        <source>Save pictures</source>
        <translation>保存图片</translation>
    </message>
    <message>
        <source>speed</source>
        <translation>速度</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>速度</translation>
    </message>
    <message>
        <source>Steps a second; at the right end training runs live  ([ and ])</source>
        <translation>每秒步数；最右端为实时训练  （[ 和 ]）</translation>
    </message>
    <message>
        <source>NumPy · CPU</source>
        <translation>NumPy · CPU</translation>
    </message>
    <message>
        <source>Programs run on gradviz&apos;s own engine, in float32</source>
        <translation>程序在 gradviz 自己的引擎上以 float32 运行</translation>
    </message>
</context>
<context>
    <name>UnsavedTexts</name>
    <message>
        <source>Unsaved text cannot be kept for recovery: {0}</source>
        <translation>无法保留未保存的内容以备恢复：{0}</translation>
    </message>
</context>
<context>
    <name>UpdatePage</name>
    <message>
        <source>Not updated yet: the optimizer has not changed {0}.</source>
        <translation>尚未更新：优化器还没有修改 {0}。</translation>
    </message>
    <message>
        <source>‖new - old‖ = {0}, that is {1} % of ‖old‖</source>
        <translation>‖新 - 旧‖ = {0}，即 ‖旧‖ 的 {1} %</translation>
    </message>
    <message>
        <source>{0}  {1} → {2}  gradient {3}</source>
        <translation>{0}  {1} → {2}  梯度 {3}</translation>
    </message>
    <message>
        <source>old value</source>
        <translation>旧值</translation>
    </message>
    <message>
        <source>gradient</source>
        <translation>梯度</translation>
    </message>
    <message>
        <source>new value</source>
        <translation>新值</translation>
    </message>
    <message>
        <source>Largest changes</source>
        <translation>最大的变化</translation>
    </message>
    <message>
        <source>index</source>
        <translation>索引</translation>
    </message>
    <message>
        <source>old</source>
        <translation>旧</translation>
    </message>
    <message>
        <source>new</source>
        <translation>新</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
</context>
<context>
    <name>WhyPage</name>
    <message>
        <source>Click a cell of a value or a gradient: here it says which terms add up to it.</source>
        <translation>点击值或梯度中的一格：这里会说明它由哪些项相加而成。</translation>
    </message>
    <message>
        <source>This number does not exist yet at the shown moment.</source>
        <translation>在所示时刻这个数还不存在。</translation>
    </message>
    <message>
        <source>Waiting for the numbers…</source>
        <translation>正在等待数值…</translation>
    </message>
    <message>
        <source>moved here unchanged: {0}</source>
        <translation>原样移动到这里：{0}</translation>
    </message>
    <message>
        <source>{0} more terms add {1}.</source>
        <translation>其余 {0} 项合计 {1}。</translation>
    </message>
    <message>
        <source>.grad held {0} before.</source>
        <translation>.grad 之前已有 {0}。</translation>
    </message>
    <message>
        <source>{0} comes from no element.</source>
        <translation>{0} 不来自任何元素。</translation>
    </message>
    <message>
        <source>The experiment has set this number; in the true run it is {0}.</source>
        <translation>这个数由实验设定；真实运行中它是 {0}。</translation>
    </message>
    <message>
        <source>The terms give this number to {0} of its size: the rest is rounding.</source>
        <translation>各项之和与这个数相差其大小的 {0}：那是舍入。</translation>
    </message>
    <message>
        <source>The terms give this number exactly.</source>
        <translation>各项之和与这个数完全相等。</translation>
    </message>
    <message>
        <source>This operation&apos;s own backward was tried element by element.</source>
        <translation>该算子自带的 backward 是逐元素试出来的。</translation>
    </message>
    <message>
        <source>through {0}</source>
        <translation>经由 {0}</translation>
    </message>
    <message>
        <source>terms over {0}</source>
        <translation>各项铺在 {0} 上</translation>
    </message>
    <message>
        <source>by the first axis of {0} (the samples of a batch)</source>
        <translation>按 {0} 的第一轴（批中的样本）</translation>
    </message>
    <message>
        <source>{0} contributes {1}</source>
        <translation>{0} 贡献 {1}</translation>
    </message>
    <message>
        <source>Back to the number before (Backspace)</source>
        <translation>回到上一个数（Backspace）</translation>
    </message>
    <message>
        <source>Back to the number before</source>
        <translation>回到上一个数</translation>
    </message>
    <message>
        <source>What the terms are drawn over</source>
        <translation>各项铺在什么上</translation>
    </message>
    <message>
        <source>Picture of the terms</source>
        <translation>各项的图</translation>
    </message>
    <message>
        <source>Terms, largest first</source>
        <translation>各项，从大到小</translation>
    </message>
    <message>
        <source>term</source>
        <translation>项</translation>
    </message>
</context>
<context>
    <name>_Title</name>
    <message>
        <source>Close {0}</source>
        <translation>关闭 {0}</translation>
    </message>
</context>
<context>
    <name>export</name>
    <message>
        <source>a picture ends in .svg, .pdf or .png, not {0}</source>
        <translation>图片的文件名应以 .svg、.pdf 或 .png 结尾，而不是 {0}</translation>
    </message>
    <message>
        <source>it is not a file: choose another name</source>
        <translation>它不是普通文件：请换一个名称</translation>
    </message>
</context>
<context>
    <name>files</name>
    <message>
        <source>{0} is not a file: choose a Python file</source>
        <translation>{0} 不是文件：请选择 Python 文件</translation>
    </message>
    <message>
        <source>{0} cannot be opened: {1}</source>
        <translation>无法打开 {0}：{1}</translation>
    </message>
    <message>
        <source>{0} is larger than {1} MiB: choose a Python file</source>
        <translation>{0} 超过 {1} MiB：请选择 Python 文件</translation>
    </message>
    <message>
        <source>{0} is a binary file: choose a Python file</source>
        <translation>{0} 是二进制文件：请选择 Python 文件</translation>
    </message>
    <message>
        <source>{0} has a line of {1} characters: choose a Python file</source>
        <translation>{0} 中有一行长达 {1} 个字符：请选择 Python 文件</translation>
    </message>
    <message>
        <source>{0} holds the character U+2029 (line {1}), which would become a line break</source>
        <translation>{0} 含有字符 U+2029（第 {1} 行），它会变成换行</translation>
    </message>
    <message>
        <source>{0} is not a file: save under another name</source>
        <translation>{0} 不是普通文件：请以其他名称保存</translation>
    </message>
    <message>
        <source>{0} cannot be saved: {1}</source>
        <translation>无法保存 {0}：{1}</translation>
    </message>
</context>
<context>
    <name>hints</name>
    <message>
        <source>The loss stopped being a number at iteration {0} ({1}). Step back to see which operation went first: often it is log(0), a division by 0, or a learning rate that is too high.</source>
        <translation>第 {0} 次迭代时损失不再是数值（{1}）。请单步后退，看哪个算子最先出问题：常见原因是 log(0)、除以 0 或学习率过高。</translation>
    </message>
    <message>
        <source>Did you mean {0}?</source>
        <translation>您是否想写 {0}？</translation>
    </message>
    <message>
        <source>The program ended its own process (exit code {0}). Press F5 to run it again.</source>
        <translation>程序结束了自己的进程（退出码 {0}）。按 F5 重新运行。</translation>
    </message>
    <message>
        <source>The worker sent something that is not a report; it was ended. Press F5 to run the program again.</source>
        <translation>工作进程发来了无法识别的内容，已被结束。按 F5 重新运行程序。</translation>
    </message>
    <message>
        <source>Stopped while it was running here.</source>
        <translation>程序运行到这里时被停止。</translation>
    </message>
    <message>
        <source>Iteration {0} is larger than what can be drawn: only its first {1} operations are shown. The program itself runs on unchanged; a smaller model or a shorter sequence is shown whole.</source>
        <translation>第 {0} 次迭代太大，无法全部画出：只显示前 {1} 个算子。程序本身照常运行；换用更小的模型或更短的序列即可完整显示。</translation>
    </message>
    <message>
        <source>The file does not hold iteration {0} in full detail, so iteration {1} is shown. Run the program to see every one.</source>
        <translation>文件中没有第 {0} 次迭代的完整记录，因此显示第 {1} 次迭代。运行程序可查看每一次迭代。</translation>
    </message>
    <message>
        <source>This is a recorded run: the program is not running. Run it, and ask again.</source>
        <translation>这是录制的运行，程序没有在运行。请先运行程序，再查看。</translation>
    </message>
    <message>
        <source>{0} cannot be a learning rate: give a number that is not negative.</source>
        <translation>{0} 不能作为学习率：请给出一个非负数。</translation>
    </message>
    <message>
        <source>No optimizer has a parameter group {0}: they are counted from 0.</source>
        <translation>没有优化器含有参数组 {0}：参数组从 0 开始编号。</translation>
    </message>
    <message>
        <source>No variable {0} holds an optimizer. The program has: {1}.</source>
        <translation>变量 {0} 中没有优化器。程序中的优化器有：{1}。</translation>
    </message>
    <message>
        <source>The program has no optimizer, and no variable called lr: change the learning rate in its text.</source>
        <translation>程序没有优化器，也没有名为 lr 的变量：请在程序文本中修改学习率。</translation>
    </message>
    <message>
        <source>The program has a learning rate scheduler. The new rate holds until that sets the next one: most go on from the new rate, those that follow a fixed plan return to it.</source>
        <translation>程序使用了学习率调度器。新的学习率只在调度器下一次设置之前有效：多数调度器会从新的学习率继续，按固定计划工作的则会回到原计划。</translation>
    </message>
    <message>
        <source>The program has no parameter or buffer {0} at this iteration. Similar: {1}.</source>
        <translation>程序在此迭代没有名为 {0} 的参数或缓冲区。相近的有：{1}。</translation>
    </message>
    <message>
        <source>There is no element {1} in {0}: its shape is {2}.</source>
        <translation>{0} 中没有元素 {1}：它的形状是 {2}。</translation>
    </message>
    <message>
        <source>{0} holds whole numbers ({1}): it cannot become {2}.</source>
        <translation>{0} 只能存放整数（{1}）：不能变为 {2}。</translation>
    </message>
    <message>
        <source>{0} ({1}) holds numbers from {2} to {3}.</source>
        <translation>{0} ({1}) 只能存放 {2} 到 {3} 之间的数。</translation>
    </message>
    <message>
        <source>The elements of {0} share memory (it is expanded): one of them cannot be another number alone.</source>
        <translation>{0} 的元素共用内存（它是扩展得来的）：不能只改其中一个。</translation>
    </message>
    <message>
        <source>Nothing made {0} at iteration {1}: there was no number to change.</source>
        <translation>第 {1} 次迭代中没有产生 {0}：没有可改的数。</translation>
    </message>
    <message>
        <source>No loss was found that could be replaced: the program should hold it in a variable called criterion, or as a module.</source>
        <translation>没有找到可以替换的损失：程序应把它存放在名为 criterion 的变量中，或作为一个模块。</translation>
    </message>
    <message>
        <source>This text is a program of its own, not a loss: it should only define criterion.</source>
        <translation>这段文本本身是一个程序，而不是损失：它应当只定义 criterion。</translation>
    </message>
    <message>
        <source>The new loss has parameters of its own. The optimizer does not know them: they stay as they are.</source>
        <translation>新的损失有自己的参数。优化器不知道它们，因此它们保持不变。</translation>
    </message>
    <message>
        <source>Iteration {0} got no batch from a DataLoader, so that no sample of it can be changed. Fork an iteration that begins with one.</source>
        <translation>迭代 {0} 没有从 DataLoader 取得批次，因此无法修改其中的样本。请从以批次开始的迭代分叉。</translation>
    </message>
    <message>
        <source>The batch holds no tensors that could be changed.</source>
        <translation>批次中没有可以修改的张量。</translation>
    </message>
    <message>
        <source>The batch is one tensor: there are no labels beside it.</source>
        <translation>批次只是一个张量：没有与之对应的标签。</translation>
    </message>
    <message>
        <source>The program needs more memory than there is. Try a smaller batch or fewer recorded operations.</source>
        <translation>程序需要的内存超过可用内存。请减小批次，或减少记录的算子。</translation>
    </message>
    <message>
        <source>The condition {0} cannot be read: {1} It is not looked for.</source>
        <translation>条件 {0} 无法识别：{1} 不会检查它。</translation>
    </message>
    <message>
        <source>This array is not recorded any more: step to its iteration and ask again.</source>
        <translation>这个数组的记录已不在：请走到它所在的迭代再问。</translation>
    </message>
    <message>
        <source>The array has no element at this place.</source>
        <translation>数组在这个位置没有元素。</translation>
    </message>
    <message>
        <source>Only real numbers can be explained.</source>
        <translation>只能解释实数。</translation>
    </message>
    <message>
        <source>No operation of this iteration made it: it came in from outside.</source>
        <translation>它不是本次迭代的任何算子算出来的：它来自外部。</translation>
    </message>
    <message>
        <source>backward() started here: the gradient of a number with respect to itself.</source>
        <translation>backward() 从这里开始：一个数对自身的梯度。</translation>
    </message>
    <message>
        <source>It is not recorded where this gradient came from.</source>
        <translation>没有记录这个梯度从何而来。</translation>
    </message>
    <message>
        <source>This number could not be explained: {0}</source>
        <translation>无法解释这个数：{0}</translation>
    </message>
    <message>
        <source>it does not compute the same twice</source>
        <translation>它两次算出的不一样</translation>
    </message>
    <message>
        <source>its backward assumes that the probabilities of every frame add up to 1</source>
        <translation>它的 backward 假定每一帧的概率之和为 1</translation>
    </message>
    <message>
        <source>The loss takes longer than {0} s on one batch, and was stopped here. F5 runs it without this limit.</source>
        <translation>损失在一个批次上用时超过 {0} 秒，已在此处停止。按 F5 可不受此限制运行。</translation>
    </message>
    <message>
        <source>The loss does not come to an end, and was stopped.</source>
        <translation>损失迟迟没有结束，已被停止。</translation>
    </message>
    <message>
        <source>its backward assumes that the matrix is symmetric, and stays so</source>
        <translation>它的 backward 假定矩阵是对称的，并保持对称</translation>
    </message>
    <message>
        <source>its backward assumes that the factor is triangular, and stays so</source>
        <translation>它的 backward 假定因子是三角的，并保持三角</translation>
    </message>
    <message>
        <source>The inner sizes must agree: {1} columns meet {2} rows. For a layer, its in_features should be {1}.</source>
        <translation>内侧尺寸必须一致：{1} 列遇到了 {2} 行。对于线性层，in_features 应为 {1}。</translation>
    </message>
    <message>
        <source>Sizes {0} and {1} do not broadcast. Compare both shapes in the inspector; reshape or unsqueeze one.</source>
        <translation>尺寸 {0} 与 {1} 无法广播。请在检查器中对比两个形状，并对其中一个使用 reshape 或 unsqueeze。</translation>
    </message>
    <message>
        <source>The first backward() frees the graph. Compute the loss again, or call backward(retain_graph=True) the first time.</source>
        <translation>第一次 backward() 会释放计算图。请重新计算损失，或在第一次调用时使用 backward(retain_graph=True)。</translation>
    </message>
    <message>
        <source>backward() starts from one number: reduce the tensor first, for example with .mean() or .sum().</source>
        <translation>backward() 从一个标量开始：请先把张量归约，例如 .mean() 或 .sum()。</translation>
    </message>
    <message>
        <source>Nothing here leads to a parameter. Look for .detach(), .item(), .data or no_grad() on the way.</source>
        <translation>这里没有通向任何参数的路径。请检查途中是否用了 .detach()、.item()、.data 或 no_grad()。</translation>
    </message>
    <message>
        <source>Change a parameter under torch.no_grad(), or leave it to an optimizer.</source>
        <translation>请在 torch.no_grad() 下修改参数，或交给优化器。</translation>
    </message>
    <message>
        <source>Backward needs the numbers from before that change. Use the version without the underscore.</source>
        <translation>反向传播需要修改之前的数值。请使用不带下划线的版本。</translation>
    </message>
    <message>
        <source>The label {0} is not one of the classes: there are fewer scores than that.</source>
        <translation>标签 {0} 不属于任何类别：得分的个数没有那么多。</translation>
    </message>
    <message>
        <source>gradviz offers {0} only to names at the top level of the program.</source>
        <translation>gradviz 只在程序的顶层提供 {0}。</translation>
    </message>
    <message>
        <source>Define or import {0} before this line.</source>
        <translation>请在这一行之前定义或导入 {0}。</translation>
    </message>
    <message>
        <source>{0} is not installed in gradviz&apos;s environment; gradviz itself provides torch, and torchvision&apos;s datasets and transforms.</source>
        <translation>gradviz 的环境中没有安装 {0}；torch 以及 torchvision 的数据集和变换由 gradviz 自己提供。</translation>
    </message>
    <message>
        <source>gradviz does not have {0} yet.</source>
        <translation>gradviz 还没有 {0}。</translation>
    </message>
    <message>
        <source>it cannot be computed again in float64: {0}</source>
        <translation>无法用 float64 重新计算：{0}</translation>
    </message>
    <message>
        <source>its backward raises {0}</source>
        <translation>它的 backward 抛出 {0}</translation>
    </message>
    <message>
        <source>it gave another gradient in this run than when it is asked by itself: it keeps something that changed between its forward and its backward</source>
        <translation>它在这次运行中给出的梯度，与单独计算时不同：它保存的东西在 forward 与 backward 之间变了</translation>
    </message>
    <message>
        <source>its gradient is another one when no other input needs one: look at ctx.needs_input_grad, which counts forward&apos;s arguments from 0, without ctx</source>
        <translation>当没有别的输入需要梯度时，它给出的梯度就不同了：请检查 ctx.needs_input_grad，它从 0 起数 forward 的参数，不含 ctx</translation>
    </message>
    <message>
        <source>where it equals {0}, both get the whole gradient, or neither does: together they must get it once</source>
        <translation>在与 {0} 相等处，两者都得到了全部梯度，或都没有得到：合起来只应得到一次</translation>
    </message>
    <message>
        <source>it takes too long to compute it again and again</source>
        <translation>它算得太慢，无法反复计算</translation>
    </message>
    <message>
        <source>it jumps at these numbers</source>
        <translation>它在这些数值处有跳变</translation>
    </message>
    <message>
        <source>the function is a step function, and this a surrogate for its derivative, which is 0</source>
        <translation>这个函数是阶梯函数，导数为 0；这里给出的是替代梯度</translation>
    </message>
    <message>
        <source>its author says that it is not the derivative (surrogate_gradient)</source>
        <translation>作者说明它不是导数（surrogate_gradient）</translation>
    </message>
    <message>
        <source>the loss does not lead back to its inputs: no gradient reaches them</source>
        <translation>损失回不到它的输入：没有梯度到达那里</translation>
    </message>
    <message>
        <source>it computes in float32 on the way, too coarsely for finite differences</source>
        <translation>途中用 float32 计算，对有限差分来说太粗糙</translation>
    </message>
    <message>
        <source>it is at a kink: its operations are right, each by itself</source>
        <translation>它在折点上：每个运算单独来看都正确</translation>
    </message>
    <message>
        <source>the program cuts the gradient off itself, so that it is not the derivative of the whole</source>
        <translation>程序自己截断了梯度，所以它不是整体的导数</translation>
    </message>
    <message>
        <source>it depends on its inputs in a way that the gradient does not see</source>
        <translation>它以梯度看不到的方式依赖于输入</translation>
    </message>
    <message>
        <source>its operations are right, each by itself, but the gradient as a whole is not its derivative</source>
        <translation>每个运算单独来看都正确，但整体的梯度不是它的导数</translation>
    </message>
    <message>
        <source>it goes through a gradient that is not meant to be the derivative</source>
        <translation>它经过了一个本来就不是导数的梯度</translation>
    </message>
    <message>
        <source>one of its operations is wrong</source>
        <translation>其中一个运算是错的</translation>
    </message>
    <message>
        <source>a number or array that was taken out of a tensor</source>
        <translation>从张量里取出来的数或数组</translation>
    </message>
    <message>
        <source>{0}.backward: the gradient of {1} is wrong: element {2} expected {3}, found {4}</source>
        <translation>{0}.backward：{1} 的梯度不对：元素 {2} 应为 {3}，实为 {4}</translation>
    </message>
    <message>
        <source>{0}.backward: the gradient of {1} is wrong</source>
        <translation>{0}.backward：{1} 的梯度不对</translation>
    </message>
    <message>
        <source>{0}.backward: the gradient of {1} cannot be computed: {2}</source>
        <translation>{0}.backward：{1} 的梯度算不出来：{2}</translation>
    </message>
    <message>
        <source>The gradient of the whole loss is not its derivative: element {0} expected {1}, found {2}</source>
        <translation>整个损失的梯度不是它的导数：元素 {0} 应为 {1}，实为 {2}</translation>
    </message>
    <message>
        <source>Numbers go on here that depend on the loss&apos;s inputs, but no gradient comes back: {0}</source>
        <translation>这里继续用到依赖于损失输入的数，却没有梯度从这里返回：{0}</translation>
    </message>
    <message>
        <source>No gradient reaches the loss&apos;s inputs.</source>
        <translation>没有梯度到达损失的输入。</translation>
    </message>
    <message>
        <source>Its sign is wrong: look for a minus that is missing, or one too many.</source>
        <translation>符号反了：看看是否少了或多了一个负号。</translation>
    </message>
    <message>
        <source>It is {0} times what it should be: a factor is missing, or there is one too many.</source>
        <translation>它是应有值的 {0} 倍：少了或多了一个因子。</translation>
    </message>
    <message>
        <source>Nothing comes back: is None returned, a mask the wrong way round, the gradient detached, or ctx.needs_input_grad asked about another input?</source>
        <translation>没有梯度返回：是返回了 None、掩码弄反了、梯度被 detach 了，还是 ctx.needs_input_grad 问错了输入？</translation>
    </message>
    <message>
        <source>Something comes back where the output does not depend on the input: is a mask missing?</source>
        <translation>输出并不依赖于这里的输入，却有梯度返回：是否少了掩码？</translation>
    </message>
    <message>
        <source>Compare its backward with the derivative of its forward at this element.</source>
        <translation>请把它的 backward 与 forward 在这个元素处的导数对照一下。</translation>
    </message>
    <message>
        <source>Compute with tensors up to the end; write .detach() where the gradient is meant to stop.</source>
        <translation>请一直用张量计算到最后；梯度本来就该停下的地方，写 .detach()。</translation>
    </message>
    <message>
        <source>its example_inputs</source>
        <translation>它自己的 example_inputs</translation>
    </message>
    <message>
        <source>where the outputs are large</source>
        <translation>在输出较大时</translation>
    </message>
    <message>
        <source>where many of the outputs are equal, or 0</source>
        <translation>在许多输出相等或为 0 时</translation>
    </message>
    <message>
        <source>for a batch of 256</source>
        <translation>在一批有 256 个样本时</translation>
    </message>
    <message>
        <source>scores [N, 10]</source>
        <translation>分数 [N, 10]</translation>
    </message>
    <message>
        <source>numbers [N]</source>
        <translation>数 [N]</translation>
    </message>
    <message>
        <source>SimpleNet&apos;s outputs [N, 10] and the labels [N]</source>
        <translation>SimpleNet 的输出 [N, 10] 和标签 [N]</translation>
    </message>
    <message>
        <source>outputs [N, 10] and one-hot targets [N, 10]</source>
        <translation>输出 [N, 10] 和独热目标 [N, 10]</translation>
    </message>
    <message>
        <source>outputs [N, 1] and targets [N, 1]</source>
        <translation>输出 [N, 1] 和目标 [N, 1]</translation>
    </message>
    <message>
        <source>outputs [N] and targets [N]</source>
        <translation>输出 [N] 和目标 [N]</translation>
    </message>
    <message>
        <source>probabilities [N, 10] and one-hot targets</source>
        <translation>概率 [N, 10] 和独热目标</translation>
    </message>
    <message>
        <source>probabilities [N] and targets [N]</source>
        <translation>概率 [N] 和目标 [N]</translation>
    </message>
    <message>
        <source>embeddings [N, 10], twice</source>
        <translation>两组嵌入 [N, 10]</translation>
    </message>
    <message>
        <source>embeddings [N, 10]: anchors, positives, negatives</source>
        <translation>嵌入 [N, 10]：锚点、正例、负例</translation>
    </message>
    <message>
        <source>embeddings [N, 10], twice, and 1 or -1 [N]</source>
        <translation>两组嵌入 [N, 10]，以及 1 或 -1 [N]</translation>
    </message>
    <message>
        <source>outputs, other outputs and labels</source>
        <translation>输出、另一组输出和标签</translation>
    </message>
    <message>
        <source>embeddings [N, 10], twice, and 1 or 0 [N]</source>
        <translation>两组嵌入 [N, 10]，以及 1 或 0 [N]</translation>
    </message>
    <message>
        <source>means, log variances and targets</source>
        <translation>均值、对数方差和目标</translation>
    </message>
    <message>
        <source>outputs, targets, means, log variances</source>
        <translation>输出、目标、均值、对数方差</translation>
    </message>
    <message>
        <source>Conditions have no {0}.</source>
        <translation>条件中不能有 {0}。</translation>
    </message>
    <message>
        <source>Write {0} instead of {1}.</source>
        <translation>请写 {0}，不要写 {1}。</translation>
    </message>
    <message>
        <source>The text that begins here has no closing quote.</source>
        <translation>从这里开始的文本缺少右引号。</translation>
    </message>
    <message>
        <source>A condition has at most {0} characters.</source>
        <translation>条件最多 {0} 个字符。</translation>
    </message>
    <message>
        <source>This is nested too deeply.</source>
        <translation>这里嵌套过深。</translation>
    </message>
    <message>
        <source>Write a condition, such as {0}.</source>
        <translation>请写一个条件，例如 {0}。</translation>
    </message>
    <message>
        <source>Something is missing here, such as a number or a fact.</source>
        <translation>这里缺少内容，例如一个数或一个事实。</translation>
    </message>
    <message>
        <source>{0} cannot stand here.</source>
        <translation>{0} 不能放在这里。</translation>
    </message>
    <message>
        <source>The bracket that opens here is not closed.</source>
        <translation>这里的左括号没有对应的右括号。</translation>
    </message>
    <message>
        <source>There is no {0}.</source>
        <translation>没有 {0}。</translation>
    </message>
    <message>
        <source>There is no {0}. Did you mean {1}?</source>
        <translation>没有 {0}。是否指 {1}？</translation>
    </message>
    <message>
        <source>{0} is an array: ask for one of its numbers, such as {0}.norm.</source>
        <translation>{0} 是数组：请使用它的某个数，例如 {0}.norm。</translation>
    </message>
    <message>
        <source>{0} is a number: compare it with another, such as {0} &gt; 1.</source>
        <translation>{0} 是数：请与另一个数比较，例如 {0} &gt; 1。</translation>
    </message>
    <message>
        <source>{0} is a text: compare it with one in quotes, such as {0} == {1}.</source>
        <translation>{0} 是文本：请与引号中的文本比较，例如 {0} == {1}。</translation>
    </message>
    <message>
        <source>A number is needed here, not {0}.</source>
        <translation>这里需要一个数，而不是 {0}。</translation>
    </message>
    <message>
        <source>{0} and {1} cannot be compared: they are of different types.</source>
        <translation>{0} 与 {1} 不能比较：它们的类型不同。</translation>
    </message>
    <message>
        <source>Only numbers can be compared with {0}: use ==, !=, ~ or in.</source>
        <translation>只有数才能用 {0} 比较：请使用 ==、!=、~ 或 in。</translation>
    </message>
    <message>
        <source>After in comes a list in brackets, such as {0}.</source>
        <translation>in 之后是括号中的列表，例如 {0}。</translation>
    </message>
    <message>
        <source>After ~ comes a pattern in quotes, such as {0}.</source>
        <translation>~ 之后是引号中的模式，例如 {0}。</translation>
    </message>
    <message>
        <source>Put the comparison before this one into brackets.</source>
        <translation>请把前面的比较放进括号。</translation>
    </message>
    <message>
        <source>{0} is a function: write {0}(…).</source>
        <translation>{0} 是函数：请写 {0}(…)。</translation>
    </message>
    <message>
        <source>{0} takes one number.</source>
        <translation>{0} 只接受一个数。</translation>
    </message>
    <message>
        <source>what happened: forward, backward, accumulate or update</source>
        <translation>发生了什么：forward、backward、accumulate 或 update</translation>
    </message>
    <message>
        <source>forward, backward or update</source>
        <translation>forward、backward 或 update</translation>
    </message>
    <message>
        <source>the operation as torch calls it, such as addmm</source>
        <translation>torch 对运算的称呼，例如 addmm</translation>
    </message>
    <message>
        <source>torch&apos;s name of the backward node, such as AddmmBackward0</source>
        <translation>torch 的反向节点名，例如 AddmmBackward0</translation>
    </message>
    <message>
        <source>name in the program, such as net.fc1/addmm or net.fc1.weight</source>
        <translation>程序中的名称，例如 net.fc1/addmm 或 net.fc1.weight</translation>
    </message>
    <message>
        <source>path of the module around it, such as net.fc1</source>
        <translation>所在模块的路径，例如 net.fc1</translation>
    </message>
    <message>
        <source>class of the module around it, such as Linear</source>
        <translation>所在模块的类，例如 Linear</translation>
    </message>
    <message>
        <source>the program&apos;s file, without folders</source>
        <translation>程序文件名，不含文件夹</translation>
    </message>
    <message>
        <source>line of the program</source>
        <translation>程序的行号</translation>
    </message>
    <message>
        <source>number of the iteration, from 1</source>
        <translation>迭代序号，从 1 开始</translation>
    </message>
    <message>
        <source>number of the epoch, from 1</source>
        <translation>轮次序号，从 1 开始</translation>
    </message>
    <message>
        <source>number of the batch in its epoch, from 1</source>
        <translation>批次在本轮中的序号，从 1 开始</translation>
    </message>
    <message>
        <source>number of the event in its iteration, from 1</source>
        <translation>事件在本次迭代中的序号，从 1 开始</translation>
    </message>
    <message>
        <source>what a forward operation computed, or a parameter after its update</source>
        <translation>前向运算的结果，或更新后的参数</translation>
    </message>
    <message>
        <source>gradient that came to an operation, or has gathered in a parameter</source>
        <translation>到达运算的梯度，或参数中累积的梯度</translation>
    </message>
    <message>
        <source>a parameter before its update</source>
        <translation>更新前的参数</translation>
    </message>
    <message>
        <source>length of an update, as a share of the parameter&apos;s own: ‖Δ‖ / ‖w‖</source>
        <translation>更新量的长度与参数长度之比：‖Δ‖ / ‖w‖</translation>
    </message>
    <message>
        <source>share of a ReLU&apos;s units that are 0 for every sample, from 0 to 1</source>
        <translation>ReLU 中对所有样本都为 0 的单元所占比例，0 到 1</translation>
    </message>
    <message>
        <source>the loss, where the operation that made it has run</source>
        <translation>损失，在产生它的运算执行之处</translation>
    </message>
    <message>
        <source>the loss that the same line made the time before</source>
        <translation>同一行上一次产生的损失</translation>
    </message>
    <message>
        <source>the lowest loss that the same line has made before</source>
        <translation>同一行此前产生的最低损失</translation>
    </message>
    <message>
        <source>square root of the sum of squares; NaN or infinite where an element is</source>
        <translation>平方和的平方根；有元素为 NaN 或无穷时也如此</translation>
    </message>
    <message>
        <source>smallest element</source>
        <translation>最小元素</translation>
    </message>
    <message>
        <source>largest element</source>
        <translation>最大元素</translation>
    </message>
    <message>
        <source>mean of the elements</source>
        <translation>元素的均值</translation>
    </message>
    <message>
        <source>standard deviation of the elements, over all of them</source>
        <translation>全部元素的标准差</translation>
    </message>
    <message>
        <source>how many elements there are</source>
        <translation>元素个数</translation>
    </message>
    <message>
        <source>how many elements are NaN</source>
        <translation>为 NaN 的元素个数</translation>
    </message>
    <message>
        <source>how many elements are infinite</source>
        <translation>为无穷的元素个数</translation>
    </message>
    <message>
        <source>whether all elements are finite</source>
        <translation>是否所有元素都有限</translation>
    </message>
    <message>
        <source>share of the elements that are 0, from 0 to 1</source>
        <translation>为 0 的元素所占比例，0 到 1</translation>
    </message>
    <message>
        <source>both are true</source>
        <translation>两者都成立</translation>
    </message>
    <message>
        <source>at least one is true</source>
        <translation>至少一个成立</translation>
    </message>
    <message>
        <source>is greater</source>
        <translation>大于</translation>
    </message>
    <message>
        <source>is greater or equal</source>
        <translation>大于或等于</translation>
    </message>
    <message>
        <source>is less</source>
        <translation>小于</translation>
    </message>
    <message>
        <source>is less or equal</source>
        <translation>小于或等于</translation>
    </message>
    <message>
        <source>is equal</source>
        <translation>等于</translation>
    </message>
    <message>
        <source>is not equal</source>
        <translation>不等于</translation>
    </message>
    <message>
        <source>is one of several, in brackets</source>
        <translation>是括号中的某一个</translation>
    </message>
    <message>
        <source>matches a pattern in quotes: * is any text, ? any character</source>
        <translation>匹配引号中的模式：* 为任意文本，? 为任意字符</translation>
    </message>
    <message>
        <source>is true where what follows is false</source>
        <translation>后面的内容不成立时成立</translation>
    </message>
    <message>
        <source>always</source>
        <translation>总是成立</translation>
    </message>
    <message>
        <source>never</source>
        <translation>从不成立</translation>
    </message>
    <message>
        <source>magnitude of a number</source>
        <translation>一个数的绝对值</translation>
    </message>
    <message>
        <source>smallest of several numbers</source>
        <translation>若干数中的最小值</translation>
    </message>
    <message>
        <source>largest of several numbers</source>
        <translation>若干数中的最大值</translation>
    </message>
    <message>
        <source>decimal logarithm</source>
        <translation>以 10 为底的对数</translation>
    </message>
    <message>
        <source>NaN or Inf appears</source>
        <translation>出现 NaN 或 Inf</translation>
    </message>
    <message>
        <source>Norm of a gradient is above</source>
        <translation>梯度范数超过</translation>
    </message>
    <message>
        <source>Norm of a weight is above</source>
        <translation>权重范数超过</translation>
    </message>
    <message>
        <source>Norm of an activation is above</source>
        <translation>激活范数超过</translation>
    </message>
    <message>
        <source>Loss rises by a factor of</source>
        <translation>损失上升的倍数超过</translation>
    </message>
    <message>
        <source>Share of dead ReLU units is above</source>
        <translation>失活 ReLU 单元比例超过</translation>
    </message>
    <message>
        <source>Update-to-weight ratio is above</source>
        <translation>更新量与权重之比高于</translation>
    </message>
    <message>
        <source>Update-to-weight ratio is below</source>
        <translation>更新量与权重之比低于</translation>
    </message>
    <message>
        <source>A node is reached</source>
        <translation>到达节点</translation>
    </message>
    <message>
        <source>A line of the program is reached</source>
        <translation>到达程序行</translation>
    </message>
    <message>
        <source>{0} made {1} out of finite numbers: {2}.</source>
        <translation>{0} 由有限数产生了 {1}：{2}。</translation>
    </message>
    <message>
        <source>{0} made {1}.</source>
        <translation>{0} 产生了 {1}。</translation>
    </message>
    <message>
        <source>The update of {0} made {1} out of finite numbers: {2}.</source>
        <translation>{0} 的更新由有限数产生了 {1}：{2}。</translation>
    </message>
    <message>
        <source>The backward of {0} made {1} out of finite numbers: {2}.</source>
        <translation>{0} 的反向传播由有限数产生了 {1}：{2}。</translation>
    </message>
    <message>
        <source>{0} made NaN out of {1}, which {2} holds on purpose.</source>
        <translation>{0} 由 {1} 产生了 NaN，而 {2} 是有意包含它的。</translation>
    </message>
    <message>
        <source>{0} holds {1} from the start.</source>
        <translation>{0} 从一开始就含有 {1}。</translation>
    </message>
    <message>
        <source>{0} held {1} when the iteration began.</source>
        <translation>本次迭代开始时 {0} 已含有 {1}。</translation>
    </message>
    <message>
        <source>{0}.grad held {1} before this backward pass.</source>
        <translation>在这次反向传播之前 {0}.grad 已含有 {1}。</translation>
    </message>
    <message>
        <source>backward() was started at {0} with a gradient of {1}.</source>
        <translation>backward() 从 {0} 以值为 {1} 的梯度开始。</translation>
    </message>
    <message>
        <source>A hook put {1} into the gradient of {0}.</source>
        <translation>钩子在 {0} 的梯度中放入了 {1}。</translation>
    </message>
    <message>
        <source>{0} held {1} before this update.</source>
        <translation>在这次更新之前 {0} 已含有 {1}。</translation>
    </message>
    <message>
        <source>{0} was updated with a gradient that holds {1}.</source>
        <translation>更新 {0} 的梯度含有 {1}。</translation>
    </message>
    <message>
        <source>It came through the backward of {0}, whose own gradient holds {1}.</source>
        <translation>它经由 {0} 的反向传播而来，后者自身的梯度含有 {1}。</translation>
    </message>
    <message>
        <source>{0} was computed from {1}, which holds {2}.</source>
        <translation>{0} 由 {1} 计算而来，后者含有 {2}。</translation>
    </message>
    <message>
        <source>It came from the backward of {0}, which computes with {1}, and that holds {2}.</source>
        <translation>它来自 {0} 的反向传播，其中用到的 {1} 含有 {2}。</translation>
    </message>
    <message>
        <source>It came from the backward of {0}, whose result holds {1}.</source>
        <translation>它来自 {0} 的反向传播，后者的结果含有 {1}。</translation>
    </message>
    <message>
        <source>{0} at {1} of {2} elements, such as {3}.</source>
        <translation>{2} 个元素中有 {1} 个为 {0}，例如 {3}。</translation>
    </message>
    <message>
        <source>The learning rate, or what the optimizer remembers, is too large or no number.</source>
        <translation>学习率或优化器的状态过大，或者不是有效数值。</translation>
    </message>
    <message>
        <source>The slope is infinite at 0, and 0 · inf is NaN even where torch.where discards the value: keep the input away from 0, or choose it before the operation.</source>
        <translation>在 0 处斜率为无穷，而 0 · inf 是 NaN，即使该值被 torch.where 舍弃：请让输入远离 0，或在运算之前进行选择。</translation>
    </message>
    <message>
        <source>log is -inf at 0 and NaN below: clamp its input to a small positive number.</source>
        <translation>log 在 0 处为 -inf，在负数处为 NaN：请把输入限制为不小于一个小的正数。</translation>
    </message>
    <message>
        <source>It divides by 0: add a small number to the divisor.</source>
        <translation>除数为 0：请给除数加上一个小的数。</translation>
    </message>
    <message>
        <source>A negative number has no square root.</source>
        <translation>负数没有平方根。</translation>
    </message>
    <message>
        <source>exp overflows: subtract the largest number first, or clamp its input.</source>
        <translation>exp 溢出：请先减去最大值，或限制输入的范围。</translation>
    </message>
    <message>
        <source>A power overflows, divides by 0, or is a root of a negative number.</source>
        <translation>乘方溢出、除以 0，或对负数开方。</translation>
    </message>
    <message>
        <source>A row in which every number is -inf has no softmax: leave one of them unmasked.</source>
        <translation>整行都是 -inf 时没有 softmax：请至少保留一个不被遮蔽。</translation>
    </message>
    <message>
        <source>There are no elements to average, or all are left out.</source>
        <translation>没有可求平均的元素，或者全部被忽略。</translation>
    </message>
    <message>
        <source>It divides by the number of elements less one: one element has no spread.</source>
        <translation>除数是元素个数减一：只有一个元素时没有离散程度。</translation>
    </message>
    <message>
        <source>{0} is updated with a gradient that still holds the one of the update before: backward() adds to it, and nothing clears it.</source>
        <translation>{0} 更新时用的梯度里还留着上一次更新的梯度：backward() 是往上累加的，而没有任何地方清零。</translation>
    </message>
    <message>
        <source>Call zero_grad() once per update, before backward().</source>
        <translation>每次更新调用一次 zero_grad()，放在 backward() 之前。</translation>
    </message>
    <message>
        <source>Set {0}.grad to None, or to zeros, after the update.</source>
        <translation>更新之后把 {0}.grad 设为 None 或清零。</translation>
    </message>
    <message>
        <source>{0}.step() has no new gradient to work with: since its last step no backward pass has brought any.</source>
        <translation>{0}.step() 没有新的梯度可用：自上一步以来没有任何反向传播带来梯度。</translation>
    </message>
    <message>
        <source>Call loss.backward() before {0}.step(), once for every step.</source>
        <translation>在每次 {0}.step() 之前调用一次 loss.backward()。</translation>
    </message>
    <message>
        <source>{0}.step() has no gradient to work with: what backward() brought was cleared before.</source>
        <translation>{0}.step() 没有梯度可用：backward() 带来的梯度在此之前已被清除。</translation>
    </message>
    <message>
        <source>Call zero_grad() before backward(), or after step(), but not between them.</source>
        <translation>在 backward() 之前或 step() 之后调用 zero_grad()，不要放在两者之间。</translation>
    </message>
    <message>
        <source>{1} backward passes have brought gradients to the parameters of {0}, but {0} has never made a step.</source>
        <translation>已有 {1} 次反向传播给 {0} 的参数带来梯度，但 {0} 从未更新过一步。</translation>
    </message>
    <message>
        <source>Call {0}.step() after backward().</source>
        <translation>在 backward() 之后调用 {0}.step()。</translation>
    </message>
    <message>
        <source>{3} changes {0} in place, which {1} saved at line {2} for its backward: that needs the numbers from before.</source>
        <translation>{3} 就地修改了 {0}，而 {1} 在第 {2} 行为反向传播保存了它：反向传播需要修改之前的数值。</translation>
    </message>
    <message>
        <source>Use the operation without the underscore, or change a copy: .clone().</source>
        <translation>改用不带下划线的操作，或修改一份拷贝：.clone()。</translation>
    </message>
    <message>
        <source>{0} is updated here, and {1}, which saved it at line {2} for its backward, has not gone back yet.</source>
        <translation>{0} 在这里被更新，而在第 {2} 行为反向传播保存了它的 {1} 还没有完成反向传播。</translation>
    </message>
    <message>
        <source>Call all backward passes before step(), or compute the loss again after it.</source>
        <translation>在 step() 之前完成所有反向传播，或在其后重新计算损失。</translation>
    </message>
    <message>
        <source>The graph of {0} grows from iteration to iteration: it reaches back through the last {1}, and all of them stay in memory.</source>
        <translation>{0} 的计算图一次迭代比一次大：它一直连到最近 {1} 次迭代，它们全都留在内存里。</translation>
    </message>
    <message>
        <source>Keep its number alone: {0}.detach(), or .item() for a sum of losses.</source>
        <translation>只保留数值：用 {0}.detach()；累计损失时用 .item()。</translation>
    </message>
    <message>
        <source>{0} keeps the graph of every iteration: a tensor with its graph is added to it each time, and none is freed.</source>
        <translation>{0} 保留着每次迭代的计算图：每次都放进一个带计算图的张量，一个也没有释放。</translation>
    </message>
    <message>
        <source>Add its number alone: .item() or .detach().</source>
        <translation>只放入数值：用 .item() 或 .detach()。</translation>
    </message>
    <message>
        <source>{0} wants log-probabilities, and gets probabilities: its input {1} is {2} … {3}.</source>
        <translation>{0} 要求对数概率，得到的却是概率：它的输入 {1} 在 {2} … {3} 之间。</translation>
    </message>
    <message>
        <source>Use log_softmax in place of softmax before it; cross_entropy does both at once.</source>
        <translation>在它之前用 log_softmax 代替 softmax；cross_entropy 把两者一并做了。</translation>
    </message>
    <message>
        <source>{0} wants log-probabilities, and gets scores: its input {1} is {2} … {3}.</source>
        <translation>{0} 要求对数概率，得到的却是原始分数：它的输入 {1} 在 {2} … {3} 之间。</translation>
    </message>
    <message>
        <source>{0} cannot learn: {1} at line {2} cuts the graph, so that no gradient comes back from the loss.</source>
        <translation>{0} 学不到东西：第 {2} 行的 {1} 切断了计算图，损失的梯度传不回来。</translation>
    </message>
    <message>
        <source>Leave that out of the way to the loss; to freeze the parameters, give them to no optimizer.</source>
        <translation>不要在通往损失的路上这样做；若想冻结这些参数，就不要交给优化器。</translation>
    </message>
    <message>
        <source>{0} cannot learn: no gradient comes from the loss, which is not computed from what they make.</source>
        <translation>{0} 学不到东西：损失不是由它们的结果计算出来的，没有梯度传来。</translation>
    </message>
    <message>
        <source>Compute the loss from that result itself: .item(), .numpy() and torch.tensor(…) copy numbers, without the graph.</source>
        <translation>请直接用那个结果计算损失：.item()、.numpy() 和 torch.tensor(…) 只复制数值，不带计算图。</translation>
    </message>
    <message>
        <source>{0} cannot learn: {1} has it, but the program never computes with it.</source>
        <translation>{0} 学不到东西：{1} 中有它，但程序从未用它计算。</translation>
    </message>
    <message>
        <source>Use it in forward, or leave it out; if a layer was replaced, make the optimizer after that.</source>
        <translation>在 forward 中使用它，或者去掉它；如果替换过层，请在替换之后再创建优化器。</translation>
    </message>
    <message>
        <source>{0} gets a gradient, but no optimizer has it: {1} does not register it.</source>
        <translation>{0} 有梯度，但没有任何优化器包含它：{1} 没有注册它。</translation>
    </message>
    <message>
        <source>Keep layers in nn.ModuleList or nn.ModuleDict, and tensors in nn.Parameter, and give the optimizer all parameters.</source>
        <translation>把层放进 nn.ModuleList 或 nn.ModuleDict，把张量做成 nn.Parameter，并把全部参数交给优化器。</translation>
    </message>
    <message>
        <source>{0} gets a gradient, but no optimizer has it, and nothing else updates it.</source>
        <translation>{0} 有梯度，但没有任何优化器包含它，也没有别的地方更新它。</translation>
    </message>
    <message>
        <source>Give it to the optimizer too; if it is not to learn, it needs no requires_grad.</source>
        <translation>把它也交给优化器；如果它不需要学习，就不必设 requires_grad。</translation>
    </message>
    <message>
        <source>The gradient vanishes on its way back: ‖∇‖ is {0} at {1} and {2} at {3}, {4} times less.</source>
        <translation>梯度在回传途中消失：‖∇‖ 在 {1} 处是 {0}，到 {3} 处只有 {2}，小了 {4} 倍。</translation>
    </message>
    <message>
        <source>Use ReLU in place of sigmoid or tanh, a matching initialization, normalization, or skip connections.</source>
        <translation>用 ReLU 代替 sigmoid 或 tanh，选合适的初始化，或使用归一化、跳跃连接。</translation>
    </message>
    <message>
        <source>The gradient explodes on its way back: ‖∇‖ is {0} at {1} and {2} at {3}, {4} times more.</source>
        <translation>梯度在回传途中爆炸：‖∇‖ 在 {1} 处是 {0}，到 {3} 处达 {2}，大了 {4} 倍。</translation>
    </message>
    <message>
        <source>Scale the initial weights (kaiming or xavier), or clip with clip_grad_norm_ before the step.</source>
        <translation>缩放初始权重（kaiming 或 xavier），或在更新前用 clip_grad_norm_ 裁剪。</translation>
    </message>
    <message>
        <source>One update changes the parameters by {0} % of their size, and the loss goes from {1} to {2}: training runs away.</source>
        <translation>一次更新使参数改变了自身大小的 {0} %，损失从 {1} 变为 {2}：训练已经发散。</translation>
    </message>
    <message>
        <source>Lower the learning rate ({3} is too high), or clip the gradient with clip_grad_norm_ before the step.</source>
        <translation>降低学习率（{3} 太高），或在更新前用 clip_grad_norm_ 裁剪梯度。</translation>
    </message>
    <message>
        <source>{0} of {1} units of {2} are dead: {3} gives 0 for all {4} samples, and no gradient flows.</source>
        <translation>{2} 的 {1} 个单元中有 {0} 个已死：{3} 对全部 {4} 个样本都输出 0，没有梯度流过。</translation>
    </message>
    <message>
        <source>Lower the learning rate, check the initial weights and biases, or use leaky_relu.</source>
        <translation>降低学习率，检查初始权重与偏置，或使用 leaky_relu。</translation>
    </message>
    <message>
        <source>cross_entropy gets probabilities: the outputs {1} went through softmax at line {0} already, and it applies log_softmax itself.</source>
        <translation>传给 cross_entropy 的是概率：输出 {1} 在第 {0} 行已经过 softmax，而它自己还会做 log_softmax。</translation>
    </message>
    <message>
        <source>Leave out the softmax: cross_entropy wants the raw scores.</source>
        <translation>去掉 softmax：cross_entropy 要的是原始分数。</translation>
    </message>
    <message>
        <source>cross_entropy gets the outputs {1} of the sigmoid at line {0}, which squeezes all scores into 0 … 1.</source>
        <translation>传给 cross_entropy 的是第 {0} 行 sigmoid 的输出 {1}，所有分数都被压到 0 … 1 之间。</translation>
    </message>
    <message>
        <source>Leave out the sigmoid: cross_entropy wants the raw scores.</source>
        <translation>去掉 sigmoid：cross_entropy 要的是原始分数。</translation>
    </message>
    <message>
        <source>binary_cross_entropy_with_logits gets probabilities: the outputs {1} went through {2} at line {0} already, and it applies a sigmoid itself.</source>
        <translation>传给 binary_cross_entropy_with_logits 的是概率：输出 {1} 在第 {0} 行已经过 {2}，而它自己还会做 sigmoid。</translation>
    </message>
    <message>
        <source>Leave out the {2}, or use binary_cross_entropy, which wants probabilities.</source>
        <translation>去掉 {2}，或改用要求概率的 binary_cross_entropy。</translation>
    </message>
    <message>
        <source>The outputs {0} against the labels {1} broadcast to {2}: every output is compared with every label.</source>
        <translation>输出 {0} 与标签 {1} 广播成 {2}：每个输出都与每个标签相比。</translation>
    </message>
    <message>
        <source>Give both the same shape, for example with outputs.squeeze(1) or labels.unsqueeze(1).</source>
        <translation>让两者形状相同，例如 outputs.squeeze(1) 或 labels.unsqueeze(1)。</translation>
    </message>
    <message>
        <source>{0} wants labels between 0 and 1, and gets {1} … {2}: these look like the numbers of classes.</source>
        <translation>{0} 要求标签在 0 与 1 之间，得到的却是 {1} … {2}：看起来像类别编号。</translation>
    </message>
    <message>
        <source>For one of several classes use cross_entropy with the class numbers; scale probabilities to that range.</source>
        <translation>多个类别选一时，用 cross_entropy 配类别编号；若是概率，请缩放到这个范围。</translation>
    </message>
    <message>
        <source>cross_entropy wants probabilities that add up to 1 for every sample, and gets labels {0} that add up to {1} … {2}.</source>
        <translation>cross_entropy 要求每个样本的概率之和为 1，得到的标签 {0} 之和却是 {1} … {2}。</translation>
    </message>
    <message>
        <source>For several answers that may be true at once use binary_cross_entropy_with_logits; else normalize them.</source>
        <translation>若可能同时有多个答案，用 binary_cross_entropy_with_logits；否则请归一化。</translation>
    </message>
    <message>
        <source>The labels {0} were {1} … {2} and became whole numbers at line {3}: nearly all are 0 now.</source>
        <translation>标签 {0} 原为 {1} … {2}，在第 {3} 行变成了整数：现在几乎全是 0。</translation>
    </message>
    <message>
        <source>Give cross_entropy the probabilities as they are, as floats of the shape of the outputs.</source>
        <translation>把概率原样交给 cross_entropy，用浮点数，形状与输出相同。</translation>
    </message>
    <message>
        <source>Use log_softmax before it; cross_entropy does both at once.</source>
        <translation>在它之前用 log_softmax；cross_entropy 把两者一并做了。</translation>
    </message>
    <message>
        <source>The loss is the sum over {0} samples, and with it the gradient: one update changes the parameters by {1} % of their size, and the loss goes from {2} to {3}.</source>
        <translation>损失是 {0} 个样本之和，梯度也随之放大：一次更新使参数改变了自身大小的 {1} %，损失从 {2} 变为 {3}。</translation>
    </message>
    <message>
        <source>Average it (mean), or divide the learning rate by {0}.</source>
        <translation>改为求平均（mean），或把学习率除以 {0}。</translation>
    </message>
    <message>
        <source>{0} is evaluated in training mode: {1} still works as in training.</source>
        <translation>{0} 在训练模式下做评估：{1} 仍按训练时的方式工作。</translation>
    </message>
    <message>
        <source>Call {0}.eval() before the evaluation, and {0}.train() after it.</source>
        <translation>评估之前调用 {0}.eval()，之后调用 {0}.train()。</translation>
    </message>
    <message>
        <source>{0} is trained in evaluation mode: {1} does not work as in training.</source>
        <translation>{0} 在评估模式下训练：{1} 没有按训练时的方式工作。</translation>
    </message>
    <message>
        <source>Call {0}.train() before the training loop, and again after every evaluation.</source>
        <translation>在训练循环之前调用 {0}.train()，每次评估之后再调用一次。</translation>
    </message>
    <message>
        <source>{0} is in evaluation mode, but the dropout at this line is a function, and still drops.</source>
        <translation>{0} 处于评估模式，但这一行的 dropout 是函数，仍会随机置零。</translation>
    </message>
    <message>
        <source>Pass it the mode: F.dropout(x, p, training=self.training), or use nn.Dropout.</source>
        <translation>把模式传给它：F.dropout(x, p, training=self.training)，或使用 nn.Dropout。</translation>
    </message>
    <message>
        <source>gradviz does not have this yet. The nearest it has is {0}.</source>
        <translation>gradviz 还没有这个功能。最接近的是 {0}。</translation>
    </message>
    <message>
        <source>Iteration {0} did not come out as it did the first time: what is shown is not exactly what was. The program depends on what cannot be wound back: the clock, an unseeded random source, a file, another process.</source>
        <translation>第 {0} 次迭代的结果与第一次运行时不同：所显示的并不完全是当时的情况。程序依赖于无法回退的东西：时钟、未设种子的随机源、文件或其他进程。</translation>
    </message>
    <message>
        <source>Iteration {0} did not come out as it did the first time, from {1} on: what is shown is not exactly what was. The program depends on what cannot be wound back: the clock, an unseeded random source, a file, another process.</source>
        <translation>第 {0} 次迭代从 {1} 起与第一次运行时不同：所显示的并不完全是当时的情况。程序依赖于无法回退的东西：时钟、未设种子的随机源、文件或其他进程。</translation>
    </message>
    <message>
        <source>There is no keyboard input in the window: write the value into the program, or use gradviz run.</source>
        <translation>窗口中没有键盘输入：请把值直接写进程序，或改用 gradviz run。</translation>
    </message>
    <message>
        <source>A function calls itself without an end: look at the condition that should stop it.</source>
        <translation>函数无休止地调用自身：请检查本应让它停下来的条件。</translation>
    </message>
    <message>
        <source>The model has no parameters: assign its layers to self in __init__.</source>
        <translation>模型没有参数：请在 __init__ 中把各层赋给 self。</translation>
    </message>
    <message>
        <source>Convert one of them with .float() or .long().</source>
        <translation>请用 .float() 或 .long() 转换其中一个。</translation>
    </message>
</context>
</TS>
